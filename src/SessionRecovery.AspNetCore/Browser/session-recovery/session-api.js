// @ts-check
/** @import { JsonResponse } from './http.js' */
/** @import { Paths, Settings } from './settings.js' */
import { Emitter } from './emitter.js';
import { EpochMemory } from './epochs.js';
import { fetchJson, isPublic, joinUrl } from './http.js';
import { isAmbiguousStatus, isGatewayStatus, isProxyStatus } from './retry.js';

const EPOCH = 'Session-Epoch';

/**
 * @typedef {JsonResponse & { isForeign: boolean }} ApiResponse isForeign: whether the response came from a proxy that cannot reach the
 *   application, and not from the application
 */

/**
 * Sends the module's own requests to the server. These requests bypass `session.fetch`, so that a check never starts another check. The
 * class also records the epochs that the server has sent, and whether the server can be reached.
 */
export class SessionApi {
  #settings;

  /** @type {Promise<ApiResponse | null> | null} */
  #probing = null;

  /** The epochs that the server has sent to this session. */
  epochs = new EpochMemory();

  /**
   * The result of the last attempt to contact the application.
   *
   * @type {Readonly<{ at: number, isReachable: boolean }>} at: monotonic milliseconds
   */
  contact = Object.freeze({ at: Number.NEGATIVE_INFINITY, isReachable: true });

  /** The duration of the last check that received a response, in milliseconds. */
  roundTripMs = 0;

  /** The number of times that the application could not be reached. */
  failures = 0;

  /** @type {Emitter<[]>} the application can be reached again */
  back = new Emitter();

  /** @param {Settings} settings */
  constructor(settings) {
    this.#settings = settings;
  }

  /**
   * Sends a request. The promise rejects if no complete response arrives in time.
   *
   * @param {'GET' | 'POST'} method
   * @param {keyof Paths} path
   * @param {string | null} token
   * @param {{ signal?: AbortSignal, body?: string, keepalive?: boolean }} [init]
   * @returns {Promise<ApiResponse>}
   */
  async request(method, path, token, init = {}) {
    const { environment, credentials, timings } = this.#settings;
    const headers = new Headers({ Accept: 'application/json' });
    addAuthorization(headers, token, method === 'GET');
    if (init.body !== undefined) {
      headers.set('Content-Type', 'application/json');
    }

    /** @type {RequestInit} */
    const request = { ...credentials, redirect: 'manual', ...init, method, headers };
    const startedAt = environment.clock.now();
    try {
      const response = await fetchJson(environment, this.getUrl(path), request, timings.requestTimeoutMs);
      this.roundTripMs = path === 'health' ? environment.clock.now() - startedAt : this.roundTripMs;
      const isForeign = this.isForeign(response);
      const isOfGateway = getEpoch(response) === null && isGatewayStatus(response.status);
      this.setReachable(!isForeign && !isOfGateway && response.signInPage === null);
      this.epochs.learn(getEpoch(response));
      return { ...response, isForeign };
    } catch (error) {
      if (!init.signal?.aborted) {
        this.setReachable(false);
      }

      throw error;
    }
  }

  /**
   * Checks whether the application can be reached. The request needs no signed-in user and no valid token. The promise never rejects.
   *
   * @returns {Promise<ApiResponse | null>} null if no response arrived
   */
  probe() {
    this.#probing ??= this.request('GET', 'health', null).catch(() => null).finally(() => {
      this.#probing = null;
    });
    return this.#probing;
  }

  /**
   * Returns whether a response did not come from the application. A missing epoch is considered only if this page has read an epoch from
   * the same origin before, because a CORS policy may hide the header from the page.
   *
   * @param {{ status: number, headers: Headers }} response
   */
  isForeign({ status, headers }) {
    const canBeOwn = isAmbiguousStatus(status) && isPublic(headers);
    return this.epochs.hasSeenAny && getEpoch({ headers }) === null && isProxyStatus(status) && !canBeOwn;
  }

  /** @param {boolean} isReachable */
  setReachable(isReachable) {
    const isBack = isReachable && !this.contact.isReachable;
    this.failures += isReachable ? 0 : 1;
    this.contact = Object.freeze({ at: this.#settings.environment.clock.now(), isReachable });
    if (isBack) {
      this.back.emit();
    }
  }

  /** @param {keyof Paths} path */
  getUrl(path) {
    return joinUrl(this.#settings.baseUrl, this.#settings.paths[path]);
  }
}

/**
 * Gets the epoch in the headers of a response, or null.
 *
 * @param {{ headers: Headers }} response
 * @returns {string | null}
 */
export function getEpoch({ headers }) {
  return headers.get(EPOCH) || null;
}

/**
 * Adds the token to a request. If the request relies on a cookie, the function adds a custom header instead, which a form on another site
 * cannot send.
 *
 * @param {Headers} headers
 * @param {string | null} token
 * @param {boolean} isSafe whether the method is safe
 */
export function addAuthorization(headers, token, isSafe) {
  if (token !== null) {
    headers.set('Authorization', `Bearer ${token}`);
  } else if (!isSafe && !headers.has('Session-Client')) {
    headers.set('Session-Client', 'browser');
  }
}
