// @ts-check
/** @import { Clock } from '../session-recovery.js' */
/** @import { SessionScope } from './session-scope.js' */
import { Timer } from './async.js';

/** How long a check may wait for its response before it is repeated when there is a sign of the server. */
const PATIENCE_MS = 1_000;

/** A running check. */
export class Check {
  #clock;
  #startedAt;
  #isRepeated = false;

  /** @type {AbortController | null} the running request for the session's health */
  #request = null;

  /** @type {SessionScope} the scope that the check is about */
  scope;

  /** Whether the check still waits for the adapter, and so follows a change of the scope. */
  isIdentifying = false;

  /** @type {string | null} an epoch that another response brought meanwhile */
  newEpoch = null;

  /** @type {string | null} the epoch of the process that responded to the check */
  epoch = null;

  /** Ends the state `ready` while nothing responds. */
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
   * Sends the check's request, again after each time that it is repeated.
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

  /** Repeats a request that has waited for a while, once: it can have been sent into a network or to a process that is gone. */
  repeatIfWaiting() {
    if (this.#request !== null && !this.#isRepeated && this.#clock.now() - this.#startedAt >= PATIENCE_MS) {
      this.#isRepeated = true;
      this.#request.abort();
    }
  }
}
