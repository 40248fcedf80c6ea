// @ts-check
/** @import { Session } from '../session-recovery.js' */
/** @import { Settings } from './settings.js' */
import { withTimeout } from './async.js';
import { isHtml, joinUrl, parseRetryAfter } from './http.js';

/**
 * The minimum time between two requests for a link to the same file. The minimum prevents a request loop if the server creates links with a
 * very short lifetime.
 */
const MIN_RENEWAL_MS = 10_000;

/**
 * The maximum time between two requests for a link to the same file. The time is limited, because a browser timer with a delay of more than
 * 24 days fires at once.
 */
const MAX_RENEWAL_MS = 86_400_000;

/**
 * @typedef {object} Link a signed link to a file
 * @property {string} url
 * @property {number} renewAfterMs the time after which a new link is needed; infinite if the expiry of the link is unknown
 */

/**
 * @typedef {object} LinkFailure the failure of a request for a signed link
 * @property {string | null} reason the reason for which the file cannot be played, or null if a later request may succeed
 * @property {number} [retryAfterMs] the delay that the server requires before the next request
 */

/** Requests signed links to the user's files. */
export class MediaLinks {
  #settings;
  #session;

  /**
   * Creates an object that requests signed links to files.
   * @param {Settings} settings
   * @param {Pick<Session, 'fetch'>} session
   */
  constructor(settings, session) {
    this.#settings = settings;
    this.#session = session;
  }

  /**
   * Requests a link. The promise never rejects.
   *
   * @param {string} name the name of the file
   * @param {AbortSignal} signal
   * @returns {Promise<Link | LinkFailure>}
   */
  async request(name, signal) {
    const { baseUrl, paths, environment } = this.#settings;
    const url = `${joinUrl(baseUrl, paths.files)}/${encodeURIComponent(name)}/links`;

    // `session.fetch` repeats the request only with an idempotency key. The request creates no data on the server, so the key need not be
    // stored for a later request.
    const key = `link-${environment.clock.wallNow().toString(36)}-${Math.floor(environment.random() * 2 ** 32).toString(36)}`;
    try {
      const response = await this.#session.fetch(url, { method: 'POST', headers: { 'Idempotency-Key': key }, signal });
      return response.ok ? this.#parse(await response.json(), response.headers) : { reason: getReason(response.status) };
    } catch {
      return { reason: null };
    }
  }

  /**
   * Determines why an element cannot load the file of a link. An element reports the same error for a response without the file as for a
   * format that the browser does not support. The promise never rejects.
   *
   * @param {string} url
   * @param {AbortSignal} signal
   * @returns {Promise<LinkFailure>}
   */
  async explain(url, signal) {
    const { environment, timings } = this.#settings;
    const { clock } = environment;
    try {
      // The request has no access token, because the link itself grants access.
      const response = await withTimeout(clock, timings.requestTimeoutMs, (inner) =>
        environment.fetch(url, { method: 'HEAD', cache: 'no-store', signal: inner }), signal);
      const { ok, status, headers, redirected } = response;
      if (ok) {
        // A redirect to an HTML page means that a sign-in page has responded in place of the server.
        return { reason: redirected && isHtml(headers) ? null : 'unsupported' };
      }

      const retryAfterMs = parseRetryAfter(headers, clock.wallNow(), timings.maxRetryAfterMs);
      return { reason: status === 404 ? 'not_found' : status === 410 ? 'lost' : null, retryAfterMs };
    } catch {
      return { reason: null };
    }
  }

  /**
   * Parses the link in the response of the server.
   *
   * @param {any} body
   * @param {Headers} headers
   * @returns {Link | LinkFailure}
   */
  #parse(body, headers) {
    const { baseUrl, environment } = this.#settings;
    if (typeof body?.url !== 'string') {
      return { reason: null };
    }

    // The remaining time is computed from the server's date, because the clock of the device may be wrong. The device's clock is used if a
    // CORS policy hides the server's date.
    const sentAt = Date.parse(headers.get('Date') ?? '');
    const remainingMs = Date.parse(body.expires_at) - (Number.isNaN(sentAt) ? environment.clock.wallNow() : sentAt);
    const renewAfterMs = remainingMs > 0 ? Math.min(Math.max(MIN_RENEWAL_MS, remainingMs * 0.9), MAX_RENEWAL_MS) : Infinity;
    return { url: new URL(body.url, baseUrl).href, renewAfterMs };
  }
}

/**
 * Gets the reason for which a file cannot be played from the HTTP status of a response.
 *
 * @param {number} status
 * @returns {string | null} null if a later request may succeed
 */
function getReason(status) {
  if (status >= 500 || status === 401 || status === 408 || status === 429) {
    return null;
  }

  return status === 404 ? 'not_found' : status === 410 ? 'lost' : 'rejected';
}
