// @ts-check
/** @import { Environment, SupabaseFetchOptions, SupabaseStorageLike } from '../../session-recovery.js' */
/** @import { JsonObject, JsonResponse } from '../http.js' */
/** @import { RefreshFailure } from './supabase-session.js' */
/** @import { GuardedInit } from './supabase-wire.js' */
import { BrowserLock } from '../browser-lock.js';
import { Emitter } from '../emitter.js';
import { createEnvironment } from '../environment.js';
import { fetchJson, parseRetryAfter } from '../http.js';
import { MAX_PAUSE_MS, RefreshRecords } from './supabase-refresh-records.js';
import { Rejections } from './supabase-rejections.js';
import { isFinalCode } from './supabase-session.js';
import { StoredSessions } from './supabase-stored-sessions.js';
import {
  GUARDED, createEndedResponse, createResponse, createTransientResponse, getDefaultStorageKey, getErrorCode, isSessionBody,
  parseRefreshToken,
} from './supabase-wire.js';

/** The timeout of a refresh. The timeout exceeds ten seconds, because Supabase Auth itself cancels a request after ten seconds. */
const REQUEST_TIMEOUT_MS = 15_000;
const RATE_LIMIT_MS = 2_000;

/** @typedef {Pick<SupabaseFetchOptions, 'fetch' | 'environment'>} BaseOptions the options that replace browser features */
/** @typedef {BaseOptions & { storage?: SupabaseStorageLike | null, storageKey?: string | null }} GuardOptions the options of the guard */

/**
 * @typedef {object} Refresh a refresh that the client requested
 * @property {string} url
 * @property {RequestInit} init
 * @property {string} token the refresh token that the request uses
 * @property {string} key the client's storage key
 * @property {boolean} isStored whether the token belongs, or has belonged, to the stored session
 * @property {number} startedAt milliseconds since 1970
 */

/**
 * @typedef {object} GuardedResult the result of a refresh that the guard has handled
 * @property {Response} response for the client
 * @property {boolean} isOwn whether this tab sent the request
 * @property {boolean} changesSession whether the client will replace or remove its stored session
 */

/**
 * Intercepts the token refreshes of a Supabase client and passes all other requests on. Only one tab of a browser refreshes a session at a
 * time. If another tab has already refreshed the session, the guard sends no request. The client removes its session after every 4xx
 * response, including a rate limit, so the guard returns a 4xx response only after a final failure.
 */
export class RefreshGuard {
  #environment;
  #fetch;
  #sessions;
  #storageKey;
  #records;
  #rejections;

  /** @type {string | null} the last refresh token that belongs, or has belonged, to the stored session */
  #storedToken = null;

  /** @type {RefreshFailure | null} the failure of the last refresh; null after a success */
  failure = null;

  /** @type {Emitter<[failure: RefreshFailure]>} a refresh failed */
  failed = new Emitter();

  /** @param {GuardOptions} options */
  constructor({ fetch, storage, storageKey = null, environment }) {
    this.#environment = createEnvironment(environment);
    this.#fetch = fetch ?? this.#environment.fetch;
    this.#sessions = new StoredSessions(storage === undefined ? this.#environment.storage : storage, this.#environment.clock);
    this.#storageKey = storageKey;
    this.#records = new RefreshRecords(this.#environment);
    this.#rejections = new Rejections(this.#environment.clock);
  }

  /** @type {Environment['fetch']} */
  fetch = (input, init) => {
    const token = parseRefreshToken(input, init);
    return token === null || init === undefined ? this.#fetch(input, init) : this.#refresh(String(input), init, token);
  };

  /**
   * Records that the stored session is about to be refreshed, so that the guard recognizes the session that replaces it.
   *
   * @param {string} token the refresh token
   */
  expectRefresh(token) {
    this.#storedToken = token;
  }

  /**
   * Returns the result of a refresh by another tab, or sends the refresh while this tab holds the lock.
   *
   * @param {string} url
   * @param {RequestInit} init
   * @param {string} token
   * @returns {Promise<Response>}
   */
  async #refresh(url, init, token) {
    const key = this.#storageKey ?? getDefaultStorageKey(url);
    const startedAt = this.#environment.clock.wallNow();

    // The token of a refresh may not belong to the stored session, because a page can pass any refresh token to the client. The client also
    // repeats a refresh with the same token after the stored session was replaced.
    if ((await this.#sessions.read(key))?.refresh_token === token) {
      this.#storedToken = token;
    }

    const refresh = { url, init, token, key, isStored: this.#storedToken === token, startedAt };
    return new Promise((resolve, reject) => {
      new BrowserLock(this.#environment, `refresh:${key}`).run(async () => {
        try {
          const result = (refresh.isStored ? await this.#findOtherResult(refresh) : null) ?? await this.#send(refresh);
          resolve(result.response);
          if (result.isOwn) {
            await this.#sessions.waitForPropagation(key, refresh.isStored && result.changesSession ? token : null);
          }
        } catch (error) {
          reject(error);
          await this.#sessions.waitForPropagation(key, null);
        }
      }).catch(reject);
    });
  }

  /**
   * Finds the result of a refresh by another tab that held the lock before this tab.
   *
   * @param {Refresh} refresh
   * @returns {Promise<GuardedResult | null>}
   */
  async #findOtherResult({ key, token, startedAt }) {
    const replacement = await this.#findReplacement(key, token);
    if (replacement !== null) {
      return replacement;
    }

    const reason = this.#records.findReason(key, startedAt);
    if (reason === null) {
      return null;
    }

    this.#fail({ token, reason, isFinal: false });
    return createResult(createTransientResponse());
  }

  /**
   * Checks whether the stored session with the given refresh token was replaced or removed.
   *
   * @param {string} key
   * @param {string} token
   * @returns {Promise<GuardedResult | null>} null while the session is still stored, or when the storage cannot be read
   */
  async #findReplacement(key, token) {
    const present = await this.#sessions.read(key);
    if (present === undefined || present?.refresh_token === token) {
      return null;
    }

    if (present === null) {
      return createResult(createEndedResponse());
    }

    this.failure = null;
    const seconds = Math.max(1, Math.round(Number(present.expires_at ?? NaN) - this.#environment.clock.wallNow() / 1000));
    const expiresIn = Number.isFinite(seconds) ? seconds : /** @type {JsonObject} */ (present).expires_in ?? 1;
    return createResult(createResponse(200, { ...present, expires_in: expiresIn }));
  }

  /**
   * Sends the refresh request, and classifies the response.
   *
   * @param {Refresh} refresh
   * @returns {Promise<GuardedResult>}
   */
  async #send(refresh) {
    const { url, init, key, token } = refresh;
    const environment = { clock: this.#environment.clock, fetch: this.#fetch };

    // The client's abort signal is not used. If the request were aborted, the page would lose the new refresh token, although the server
    // may already have replaced the old one.
    /** @type {GuardedInit} */
    const guardedInit = { ...init, signal: null, [GUARDED]: true };
    let response;
    try {
      response = await fetchJson(environment, url, guardedInit, REQUEST_TIMEOUT_MS);
    } catch (error) {
      this.#fail({ token, reason: 'network', isFinal: false });
      this.#records.add(key, 'network', 0);
      throw error;
    }

    const { status, body } = response;
    if (status === 200 && isSessionBody(body)) {
      return this.#acceptSession(refresh, body);
    }

    const code = getErrorCode(body);
    const isRejection = status >= 400 && status < 500 && code !== null;
    return isRejection && (isFinalCode(code) || this.#rejections.isFinal(code, token, await this.#sessions.read(key)))
      ? this.#acceptFinalFailure(refresh, response, code)
      : this.#acceptTransientFailure(refresh, response);
  }

  /**
   * Handles a refresh that returned a new session. If the user signed out or another user signed in during the refresh, the new session is
   * discarded.
   *
   * @param {Refresh} refresh
   * @param {JsonObject} body
   */
  async #acceptSession({ key, token, isStored }, body) {
    this.failure = null;
    this.#records.remove(key);
    const replacement = isStored ? await this.#findReplacement(key, token) : null;
    return replacement ?? { response: createResponse(200, body), isOwn: true, changesSession: true };
  }

  /**
   * Passes a final failure to the client, unless another session has replaced the stored session in the meantime.
   *
   * @param {Refresh} refresh
   * @param {JsonResponse} response
   * @param {string} code
   */
  async #acceptFinalFailure({ key, token, isStored }, { status, headers, body }, code) {
    const replacement = isStored ? await this.#findReplacement(key, token) : null;
    if (replacement !== null) {
      return replacement;
    }

    this.#fail({ token, reason: code, isFinal: true });
    const version = headers.get('X-Supabase-Api-Version');
    const response = createResponse(status, body, version === null ? {} : { 'X-Supabase-Api-Version': version });
    return { response, isOwn: true, changesSession: true };
  }

  /**
   * Records a failure after which the session stays valid, and creates a response that makes the client retry.
   *
   * @param {Refresh} refresh
   * @param {JsonResponse} response
   */
  #acceptTransientFailure({ key, token }, { status, headers }) {
    const reason = status === 200 ? 'malformed' : `http_${status}`;
    const retryAfterMs = parseRetryAfter(headers, this.#environment.clock.wallNow(), MAX_PAUSE_MS);
    this.#fail({ token, reason, isFinal: false });
    this.#records.add(key, reason, Math.max(retryAfterMs, status === 429 ? RATE_LIMIT_MS : 0));
    return { response: createTransientResponse(), isOwn: true, changesSession: false };
  }

  /** @param {RefreshFailure} failure */
  #fail(failure) {
    this.failure = failure;
    this.failed.emit(failure);
  }
}

/**
 * Creates a result that does not change the stored session and was not sent by this tab.
 *
 * @param {Response} response
 * @returns {GuardedResult}
 */
const createResult = (response) => ({ response, isOwn: false, changesSession: false });

/**
 * Creates a `fetch` function for the client's option `global.fetch`. The function guards all refreshes, beginning with the client's first
 * request.
 *
 * @param {SupabaseFetchOptions} [options]
 * @returns {typeof fetch}
 */
export function supabaseFetch(options = {}) {
  return new RefreshGuard(options).fetch;
}
