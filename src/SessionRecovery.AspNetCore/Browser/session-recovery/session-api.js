// @ts-check
/** @import { JsonResponse } from './http.js' */
/** @import { Paths, Settings } from './settings.js' */
import { EpochMemory } from './epochs.js';
import { fetchJson, joinUrl } from './http.js';

/** The module's own requests to the server. They bypass `session.fetch`, so that a check never starts another check. */
export class SessionApi {
  #settings;

  /** The epochs that the server has sent to this session. */
  epochs = new EpochMemory();

  /** @param {Settings} settings */
  constructor(settings) {
    this.#settings = settings;
  }

  /**
   * Sends a request. Rejects when no complete response arrived in time.
   *
   * @param {'GET' | 'POST'} method
   * @param {keyof Paths} path
   * @param {string | null} token
   * @param {{ signal?: AbortSignal, body?: string, keepalive?: boolean }} [init]
   * @returns {Promise<JsonResponse>}
   */
  async request(method, path, token, init = {}) {
    const { environment, credentials, timings } = this.#settings;
    const headers = new Headers({ Accept: 'application/json' });
    addAuthorization(headers, token, method === 'GET');
    if (init.body !== undefined) {
      headers.set('Content-Type', 'application/json');
    }

    const request = { ...credentials, ...init, method, headers };
    const response = await fetchJson(environment, this.getUrl(path), request, timings.requestTimeoutMs);
    this.epochs.learn(response.headers.get('Session-Epoch'));
    return response;
  }

  /** @param {keyof Paths} path */
  getUrl(path) {
    return joinUrl(this.#settings.baseUrl, this.#settings.paths[path]);
  }
}

/**
 * Adds the token. A request that relies on a cookie gets a header that a form on another site cannot send.
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
