// @ts-check
/** @import { Session } from '../session-recovery.js' */
/** @import { Settings } from './settings.js' */
import { joinUrl } from './http.js';

/** The shortest time between two links of one file. The link of a short-lived configuration must not cause a request loop. */
const MIN_RENEWAL_MS = 10_000;

/**
 * @typedef {object} Link
 * @property {string} url
 * @property {number} renewAfterMs the time after which a new link is needed
 */

/**
 * @typedef {object} LinkFailure
 * @property {string | null} reason the reason why there will be no link, or null if a later request may succeed
 */

/** Requests signed links to the user's files. */
export class MediaLinks {
  #settings;
  #session;

  /**
   * @param {Settings} settings
   * @param {Pick<Session, 'fetch' | 'whenReady'>} session
   */
  constructor(settings, session) {
    this.#settings = settings;
    this.#session = session;
  }

  /**
   * Requests a link. The promise never rejects.
   *
   * @param {string} name the name of the file
   * @returns {Promise<Link | LinkFailure>}
   */
  async request(name) {
    const { state } = await this.#session.whenReady();
    if (state !== 'ready') {
      return { reason: state === 'signed_out' ? 'signed_out' : null };
    }

    const { baseUrl, paths, environment } = this.#settings;
    const url = `${joinUrl(baseUrl, paths.files)}/${encodeURIComponent(name)}/links`;

    // The key allows the request to be repeated. The server creates a link with each request, so the key need not be unique for ever.
    const key = `link-${environment.clock.wallNow().toString(36)}-${Math.floor(environment.random() * 2 ** 32).toString(36)}`;
    try {
      const response = await this.#session.fetch(url, { method: 'POST', headers: { 'Idempotency-Key': key } });
      return response.ok ? this.#parse(await response.json()) : { reason: getReason(response.status) };
    } catch {
      return { reason: null };
    }
  }

  /**
   * @param {any} body
   * @returns {Link | LinkFailure}
   */
  #parse(body) {
    const { baseUrl, environment } = this.#settings;
    if (typeof body?.url !== 'string') {
      return { reason: null };
    }

    const remainingMs = Date.parse(body.expires_at) - environment.clock.wallNow();
    const renewAfterMs = Number.isFinite(remainingMs) ? Math.max(MIN_RENEWAL_MS, remainingMs * 0.9) : Infinity;
    return { url: new URL(body.url, baseUrl).href, renewAfterMs };
  }
}

/**
 * @param {number} status
 * @returns {string | null}
 */
function getReason(status) {
  if (status >= 500 || status === 401 || status === 408 || status === 429) {
    return null;
  }

  return status === 404 ? 'not_found' : status === 410 ? 'lost' : 'rejected';
}
