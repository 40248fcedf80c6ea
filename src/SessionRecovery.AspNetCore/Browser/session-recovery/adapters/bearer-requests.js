// @ts-check
/** @import { BearerOptions, BearerSignInOptions, Environment } from '../../session-recovery.js' */
/** @import { JsonObject, JsonResponse } from '../http.js' */
import { sleep } from '../async.js';
import { fetchJson, joinUrl } from '../http.js';
import { LostConnectionDelays, isGatewayStatus } from '../retry.js';

const DEFAULT_PATHS = Object.freeze({ login: '/login', refresh: '/refresh', register: '/register' });

/** The delays between the attempts of a sign-in. The delays stay short, because a user waits for the sign-in. */
const DELAYS = Object.freeze({ fastRetryForMs: 3_000, fastRetryMinMs: 100, fastRetryMaxMs: 250, maxRetryMs: 4_000 });

/**
 * @typedef {object} RepeatedResponse the result of a request that was repeated
 * @property {JsonResponse | null} response the last response; null if no response arrived
 * @property {number} startedAt the time at which the last attempt began, in milliseconds since 1970
 * @property {number} count the number of attempts
 */

/** Sends requests to bearer endpoints. */
export class BearerRequests {
  #environment;
  #baseUrl;
  #paths;
  #timeoutMs;

  /**
   * Creates an object that sends requests to the bearer endpoints.
   * @param {Environment} environment
   * @param {URL} baseUrl
   * @param {BearerOptions['paths']} paths
   * @param {number} timeoutMs the time limit of each attempt
   */
  constructor(environment, baseUrl, paths, timeoutMs) {
    this.#environment = environment;
    this.#baseUrl = baseUrl;
    this.#paths = { ...DEFAULT_PATHS, ...paths };
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Sends one request to a bearer endpoint.
   *
   * @param {keyof typeof DEFAULT_PATHS} path
   * @param {JsonObject} body
   * @param {AbortSignal | null} [signal]
   * @returns {Promise<JsonResponse | null>} null when no response arrived in time
   */
  async send(path, body, signal = null) {
    const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
    const init = /** @type {const} */ ({ method: 'POST', headers, body: JSON.stringify(body), redirect: 'manual', signal });
    try {
      return await fetchJson(this.#environment, joinUrl(this.#baseUrl, this.#paths[path]), init, this.#timeoutMs);
    } catch {
      return null;
    }
  }

  /**
   * Sends a request, and repeats it while the server cannot be reached.
   *
   * @param {keyof typeof DEFAULT_PATHS} path
   * @param {JsonObject} body
   * @param {BearerSignInOptions & { isCurrent: () => boolean }} options
   * @returns {Promise<RepeatedResponse>}
   */
  async repeat(path, body, { budgetMs = 0, signal = null, isCurrent }) {
    const { clock, random } = this.#environment;
    const delays = new LostConnectionDelays(DELAYS, random);
    const until = clock.now() + budgetMs;
    for (let count = 1; ; count++) {
      const startedAt = clock.wallNow();
      const response = signal?.aborted ? null : await this.send(path, body, signal);
      const delay = delays.next(clock.now());
      if (!isOfUnreachableServer(response) || signal?.aborted || !isCurrent() || clock.now() + delay > until) {
        return { response, startedAt, count };
      }

      // If the signal is aborted during the delay, the loop ends before the next attempt.
      await sleep(clock, delay, signal).catch(() => {});
    }
  }
}

/**
 * Returns true if a request can be repeated because no response arrived, a proxy responded in place of the server, or the server was
 * stopping.
 *
 * @param {JsonResponse | null} response
 */
function isOfUnreachableServer(response) {
  return response === null
    || (isGatewayStatus(response.status) && (!response.headers.has('Session-Epoch') || response.body?.code === 'stopping'));
}
