// @ts-check
/** @import { SessionTimings } from '../session-recovery.js' */
import { parseJsonObject } from './http.js';

/** The HTTP statuses of a gateway that cannot reach the application. Cloudflare sends the statuses from 520 to 530. */
const GATEWAY_STATUSES = new Set([502, 503, 504, ...Array.from({ length: 11 }, (_, index) => 520 + index)]);

/** The HTTP statuses that a proxy sends not only while the application is unreachable, but also while it is reachable. */
const AMBIGUOUS_STATUSES = new Set([404, 408, 421, 425, 429, 500]);

/** The HTTP statuses with which an application behind a gateway requests a retry. */
const RETRY_STATUSES = new Set([502, 503, 504]);

const SLOW_RETRY_MS = 500;

/** The maximum exponent, which keeps the result of `2 ** exponent` finite. */
const MAX_EXPONENT = 16;

/** @typedef {Required<SessionTimings>} Timings */

/**
 * Shortens a delay to a random value between half of the delay and the whole delay. Because the values are random, clients that lost the
 * same server do not all send their requests at the same time.
 *
 * @param {number} milliseconds
 * @param {() => number} random
 */
export function addJitter(milliseconds, random) {
  return milliseconds * (0.5 + random() / 2);
}

/**
 * Computes a delay that doubles with each retry, without jitter.
 *
 * @param {number} firstMs
 * @param {number} count the number of retries so far
 * @param {number} [maxMs]
 */
export function getExponentialDelay(firstMs, count, maxMs = Number.POSITIVE_INFINITY) {
  return Math.min(firstMs * 2 ** Math.min(count, MAX_EXPONENT), maxMs);
}

/**
 * Returns whether a response with this status and without an epoch comes from a proxy that cannot reach the application.
 *
 * @param {number} status
 */
export function isProxyStatus(status) {
  return GATEWAY_STATUSES.has(status) || AMBIGUOUS_STATUSES.has(status);
}

/**
 * Returns whether the status is a gateway status, which an application sends only to request a retry.
 *
 * @param {number} status
 */
export function isGatewayStatus(status) {
  return GATEWAY_STATUSES.has(status);
}

/**
 * Returns whether a proxy also sends the status while the application is reachable, for example 404 for a file of the proxy or 429 for a
 * rate limit of the proxy.
 *
 * @param {number} status
 */
export function isAmbiguousStatus(status) {
  return AMBIGUOUS_STATUSES.has(status);
}

/**
 * @typedef {'busy' | 'limited' | 'sign_in' | 'stopping' | 'in_progress'} RetryRequest the reason for which an application requests a retry:
 *   the application is busy, limits the rate, cannot check the sign-in, is about to stop, or still works on an earlier attempt of the
 *   request
 */

/**
 * Gets the reason for which a response of the application requests a retry.
 *
 * @param {Response} response
 * @returns {Promise<RetryRequest | null>} null if the response requests no retry
 */
export async function getRetryRequest(response) {
  const { status, headers } = response;
  if (status === 429) {
    return headers.has('Retry-After') ? 'limited' : null;
  }

  if (RETRY_STATUSES.has(status)) {
    const code = await readProblemCode(response);
    return code === 'stopping' ? 'stopping' : code === 'sign_in_unavailable' ? 'sign_in' : 'busy';
  }

  return status === 409 && (await readProblemCode(response)) === 'in_progress' ? 'in_progress' : null;
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
 * Computes the delays after lost connections. The first delays are short, because a restart takes only a moment, and later delays grow
 * exponentially.
 */
export class LostConnectionDelays {
  #timings;
  #random;

  /** @type {number | null} */
  #firstAt = null;
  #slowCount = 0;

  /**
   * Creates the delays before the attempts of a request whose connection was lost.
   * @param {Pick<Timings, 'fastRetryForMs' | 'fastRetryMinMs' | 'fastRetryMaxMs' | 'maxRetryMs'>} timings
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
 * Computes the minimum time between the end of one recovery and the start of the next. The time doubles after each recovery that is not
 * followed by a healthy check, because such a recovery did not make the session healthy.
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
   * Gets the remaining time of the cooldown.
   *
   * @param {number} now monotonic milliseconds
   * @returns {number} the remaining milliseconds; zero or negative when the cooldown is over
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

  /** Resets the doubled cooldown after a healthy check. */
  resetGrowth() {
    this.#recoveries = 0;
  }

  /** Ends the cooldown after a new epoch, because the result of the last recovery does not apply to the new server state. */
  end() {
    this.#until = 0;
  }
}
