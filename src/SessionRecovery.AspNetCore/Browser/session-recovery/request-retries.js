// @ts-check
/** @import { RetryRequest, Timings } from './retry.js' */
import { LostConnectionDelays, addJitter, getExponentialDelay } from './retry.js';

/**
 * Computes the delays between the attempts of one request, with two time budgets. The first budget is for lost connections: it starts when
 * the connection is lost, and ends when the application responds. The second budget is for retries that the application requests: it starts
 * with the first response that requests a retry.
 */
export class RequestRetries {
  #timings;
  #random;
  #lostDelays;

  /** @type {number | null} */
  #lostUntil = null;

  /** @type {number | null} */
  #requestedUntil = null;
  #requestedCount = 0;

  /**
   * Creates the delays of one request.
   *
   * @param {Timings} timings
   * @param {() => number} random
   */
  constructor(timings, random) {
    this.#timings = timings;
    this.#random = random;
    this.#lostDelays = new LostConnectionDelays(timings, random);
  }

  /**
   * Gets the delay before the next attempt after a lost connection, or after a response that did not come from the application. The last
   * attempt starts at the end of the time budget.
   *
   * @param {number} now monotonic milliseconds
   * @param {number} [atLeastMs] the `Retry-After` of the response
   * @returns {number | null} null if the budget is used up
   */
  afterLoss(now, atLeastMs = 0) {
    this.#lostUntil ??= now + this.#timings.budgetMs;
    const remaining = this.#lostUntil - now;
    const delay = Math.max(this.#lostDelays.next(now), atLeastMs);
    return remaining <= 0 || atLeastMs > remaining ? null : Math.min(delay, remaining);
  }

  /**
   * Gets the delay before the next attempt after a response in which the application requests a retry.
   *
   * @param {RetryRequest} why
   * @param {number} now monotonic milliseconds
   * @param {number} atLeastMs the `Retry-After` of the response
   * @returns {number | null} null if the budget is used up
   */
  afterRequest(why, now, atLeastMs) {
    const { answeredRetries, answeredRetryMs, budgetMs } = this.#timings;
    if (why === 'stopping') {
      return this.afterLoss(now, atLeastMs);
    }

    this.endLoss();
    if (why === 'in_progress') {
      // The server is still working on an earlier attempt of the request. The retries have no time budget and continue for as long as the
      // caller waits.
      this.#requestedUntil = null;
      this.#requestedCount = 0;
      return Math.max(addJitter(answeredRetryMs, this.#random), atLeastMs);
    }

    this.#requestedUntil ??= now + budgetMs;
    if (why === 'busy' && this.#requestedCount >= answeredRetries) {
      return null;
    }

    const delay = addJitter(getExponentialDelay(answeredRetryMs, this.#requestedCount++), this.#random);
    const actual = Math.max(delay, atLeastMs);
    return now + actual > this.#requestedUntil ? null : actual;
  }

  /** Ends the budget for a lost connection, because the application has responded. */
  endLoss() {
    this.#lostUntil = null;
    this.#lostDelays.reset();
  }
}
