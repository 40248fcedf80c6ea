// @ts-check
/** @import { Clock } from '../session-recovery.js' */
/** @import { SessionScope } from './session-scope.js' */
import { Timer } from './async.js';

/** The minimum time that a check waits for its response before a response to another request causes the check to be repeated. */
const PATIENCE_MS = 1_000;

/** Represents a running health check. */
export class Check {
  #clock;
  #startedAt;
  #isRepeated = false;

  /** @type {AbortController | null} the running request for the session's health */
  #request = null;

  /** @type {SessionScope} the user scope that the check is for */
  scope;

  /**
   * Indicates whether the check still waits for the user from the adapter. If another user signs in during this time, the check applies to
   * that user.
   */
  isIdentifying = false;

  /** @type {string | null} a new epoch that another response contained during the check */
  newEpoch = null;

  /** @type {string | null} the epoch of the process that responded to the check */
  epoch = null;

  /** The timer that ends the state `ready` if no response arrives. */
  silence;

  /**
   * Creates a check that is not yet sent.
   *
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
   * Sends the request of the check. If `repeatIfWaiting` aborts the request, the request is sent again.
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

  /**
   * Aborts the request and sends it again, at most once, if its response has been missing for some time. The first request may have been
   * sent over a lost network connection, or to a process that has ended.
   */
  repeatIfWaiting() {
    if (this.#request !== null && !this.#isRepeated && this.#clock.now() - this.#startedAt >= PATIENCE_MS) {
      this.#isRepeated = true;
      this.#request.abort();
    }
  }
}
