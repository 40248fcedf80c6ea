// @ts-check
/** @import { RequestDescription } from './request-description.js' */
/** @import { SessionApi } from './session-api.js' */
/** @import { Settings } from './settings.js' */
import { addAuthorization } from './session-api.js';

const CREDITS_VERSION = 'Credits-Version';
const OPTIONAL = [CREDITS_VERSION, 'Session-Client'];

/**
 * Adds the module's headers to a request. A page of another origin may send only headers that the server's CORS policy allows, and the
 * browser reports a forbidden header with the same error as a lost connection. If a header is forbidden, the request is sent without the
 * optional headers. The token is never omitted, because without a token the server would treat the request as anonymous or as a request of
 * another user.
 */
export class RequestHeaders {
  #settings;
  #api;

  /** @type {Set<string>} the headers that the server's CORS policy forbids */
  #forbidden = new Set();

  /** @type {Set<string>} the headers that the page was warned about */
  #warned = new Set();

  /**
   * Creates the object that adds headers to the requests of a session.
   *
   * @param {Settings} settings
   * @param {SessionApi} api
   */
  constructor(settings, api) {
    this.#settings = settings;
    this.#api = api;
  }

  /**
   * Creates the headers of one attempt of a request.
   *
   * @param {RequestDescription} description
   * @param {string | null} token
   * @param {string | null} versionToken
   * @returns {Headers}
   */
  create(description, token, versionToken) {
    const headers = new Headers(description.headers);
    if (!description.hasOwnAuthorization) {
      addAuthorization(headers, token, description.isSafe);
    }

    if (versionToken !== null && description.method === 'GET' && this.#readsCredits(description.url)) {
      headers.set(CREDITS_VERSION, versionToken);
    }

    return this.#remove(headers, description, this.#forbidden);
  }

  /**
   * Creates the headers of a second attempt, without the headers that the server's CORS policy may forbid.
   *
   * @param {Headers} headers the headers of the attempt that failed
   * @param {RequestDescription} description
   * @returns {Headers | null} null if there is no header to omit
   */
  createWithoutOptional(headers, description) {
    const isPossible = this.#settings.isCrossOrigin && OPTIONAL.some((name) => headers.has(name) && !description.headers.has(name));
    return isPossible ? this.#remove(new Headers(headers), description, OPTIONAL) : null;
  }

  /**
   * Omits the forbidden headers from all later requests, because a request without these headers received a response.
   *
   * @param {Headers} headers
   * @param {Headers} reduced
   */
  forbid(headers, reduced) {
    for (const name of OPTIONAL) {
      if (headers.has(name) && !reduced.has(name)) {
        this.#forbidden.add(name);
        this.#warn(name);
      }
    }
  }

  /** Adds all headers to later requests again, because a new server process may have another CORS policy. */
  allowAll() {
    this.#forbidden.clear();
  }

  /** @param {URL} url */
  #readsCredits({ origin, pathname }) {
    const credits = new URL(this.#api.getUrl('credits'));
    return origin === credits.origin && pathname === credits.pathname;
  }

  /**
   * Removes headers that the module has added.
   *
   * @param {Headers} headers
   * @param {RequestDescription} description headers that the page has set are kept
   * @param {Iterable<string>} names
   */
  #remove(headers, description, names) {
    for (const name of names) {
      if (!description.headers.has(name)) {
        headers.delete(name);
      }
    }

    return headers;
  }

  /** @param {string} name */
  #warn(name) {
    if (!this.#warned.has(name)) {
      this.#warned.add(name);
      const { origin } = this.#settings.baseUrl;
      console.warn(`The CORS policy of ${origin} does not allow the request header '${name}', so it is no longer sent. Allow it there.`);
    }
  }
}
