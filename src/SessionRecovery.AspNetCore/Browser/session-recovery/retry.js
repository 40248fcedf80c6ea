// @ts-check
/** @import { SessionTimings } from '../session-recovery.js' */
import { parseJsonObject } from './http.js';

const GATEWAY_STATUSES = new Set([502, 503, 504]);
const SLOW_RETRY_MS = 500;

/** Keeps `2 ** exponent` finite. */
const MAX_EXPONENT = 16;

/** @typedef {Required<SessionTimings>} Timings */

/**
 * Shortens a delay to between half and all of it, so that clients that lost a server together do not return together.
 *
 * @param {number} milliseconds
 * @param {() => number} random
 */
export function addJitter(milliseconds, random) {
  return milliseconds * (0.5 + random() / 2);
}

/**
 * @param {number} firstMs
 * @param {number} count the number of retries so far
 * @param {number} [maxMs]
 */
export function getExponentialDelay(firstMs, count, maxMs = Number.POSITIVE_INFINITY) {
  return Math.min(firstMs * 2 ** Math.min(count, MAX_EXPONENT), maxMs);
}

/**
 * Whether a status without an epoch comes from a gateway that cannot reach the application.
 *
 * @param {number} status
 */
export function isGatewayStatus(status) {
  return GATEWAY_STATUSES.has(status);
}

/**
 * Whether a response requests a retry, because the application restarts behind a gateway, or still works on the same request.
 *
 * @param {Response} response
 */
export async function isRetryResponse(response) {
  if (isGatewayStatus(response.status)) {
    return true;
  }

  return response.status === 409 && response.headers.has('Retry-After') && (await readProblemCode(response)) === 'in_progress';
}

/** @param {Response} response */
async function readProblemCode(response) {
  try {
    return parseJsonObject(await response.clone().text())?.code ?? null;
  } catch {
    return null;
  }
}

/**
 * The delays after lost connections. They are short at first, because a restart takes a moment only, and then grow exponentially.
 */
export class LostConnectionDelays {
  #timings;
  #random;

  /** @type {number | null} */
  #firstAt = null;
  #slowCount = 0;

  /**
   * @param {Timings} timings
   * @param {() => number} random
   */
  constructor(timings, random) {
    this.#timings = timings;
    this.#random = random;
  }

  /** @param {number} now monotonic milliseconds */
  next(now) {
    const { fastRetryForMs, fastRetryMinMs, fastRetryMaxMs, maxRetryMs } = this.#timings;
    this.#firstAt ??= now;
    if (now - this.#firstAt < fastRetryForMs) {
      return fastRetryMinMs + this.#random() * (fastRetryMaxMs - fastRetryMinMs);
    }

    return addJitter(getExponentialDelay(SLOW_RETRY_MS, this.#slowCount++, maxRetryMs), this.#random);
  }

  reset() {
    this.#firstAt = null;
    this.#slowCount = 0;
  }
}

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

  /** Ends the cooldown. The last recovery does not apply to the server state of a new epoch. */
  end() {
    this.#until = 0;
  }
}
