// @ts-check
/** @import { Clock } from '../session-recovery.js' */
/** @import { SessionScope } from './session-scope.js' */
import { Timer } from './async.js';

/** The time after which a waiting check is repeated when another request receives a response. */
const PATIENCE_MS = 1_000;

/** A running check. */
export class Check {
  #clock;
  #startedAt;
  #isRepeated = false;

  /** @type {AbortController | null} the running request for the session's health */
  #request = null;

  /** @type {SessionScope} the user scope that the check is for */
  scope;

  /** Whether the check still waits for the adapter. A user who signs in meanwhile is checked by the same check. */
  isIdentifying = false;

  /** @type {string | null} a new epoch that another response contained during the check */
  newEpoch = null;

  /** @type {string | null} the epoch of the process that responded to the check */
  epoch = null;

  /** The timer that ends the state `ready` if no response arrives. */
  silence;

  /**
   * @param {Clock} clock
   * @param {SessionScope} scope
   */
  constructor(clock, scope) {
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.scope = scope;
    this.silence = new Timer(clock);
  }

  /**
   * Sends the check's request, and sends it again if `repeatIfWaiting` has aborted it.
   *
   * @template T
   * @param {(signal: AbortSignal) => Promise<T>} send
   * @returns {Promise<T>}
   */
  async request(send) {
    for (;;) {
      const request = new AbortController();
      this.#request = request;
      const response = await send(request.signal);
      this.#request = null;
      if (!request.signal.aborted || this.scope.isEnded) {
        return response;
      }
    }
  }

  /** Repeats, once, a request that has waited for a while: it may have been sent over a lost network or to a process that has ended. */
  repeatIfWaiting() {
    if (this.#request !== null && !this.#isRepeated && this.#clock.now() - this.#startedAt >= PATIENCE_MS) {
      this.#isRepeated = true;
      this.#request.abort();
    }
  }
}
