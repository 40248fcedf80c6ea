// @ts-check
/** @import { Timings } from './retry.js' */
import { getExponentialDelay } from './retry.js';

/**
 * The minimum time between the end of one recovery and the start of the next. It doubles with each recovery that no healthy
 * check follows, because such a recovery has not helped.
 */
export class RecoveryCooldown {
  #timings;
  #until = 0;
  #recoveries = 0;

  /** @type {number | null} */
  #endedAt = null;

  /** @param {Timings} timings */
  constructor(timings) {
    this.#timings = timings;
  }

  /**
   * @param {number} now monotonic milliseconds
   * @returns {number} the remaining milliseconds; not positive when the cooldown is over
   */
  getRemaining(now) {
    return this.#until - now;
  }

  /**
   * Starts the cooldown at the end of a recovery.
   *
   * @param {number} now monotonic milliseconds
   * @param {number} atLeastMs the server's `Retry-After`
   */
  start(now, atLeastMs) {
    const { cooldownMs, maxCooldownMs } = this.#timings;
    const isLongAgo = this.#endedAt !== null && now - this.#endedAt > 2 * maxCooldownMs;
    this.#recoveries = isLongAgo ? 1 : this.#recoveries + 1;
    this.#endedAt = now;
    this.#until = now + Math.max(getExponentialDelay(cooldownMs, this.#recoveries - 1, maxCooldownMs), atLeastMs);
  }

  /** Ends the doubling after a healthy check. */
  resetGrowth() {
    this.#recoveries = 0;
  }

  /** Ends the cooldown. A new epoch means other server state, about which the last recovery says nothing. */
  end() {
    this.#until = 0;
  }
}
