// @ts-check
/** @import { AdapterNotice, BearerOptions, BearerProblem, BearerResult, RefreshResult } from '../../session-recovery.js' */
/** @import { BearerAdapter as PublicBearerAdapter } from '../../session-recovery.js' */
/** @import { JsonObject, JsonResponse } from '../http.js' */
/** @import { SignOutMessage } from './bearer-channel.js' */
import { Emitter } from '../emitter.js';
import { createEnvironment } from '../environment.js';
import { fetchJson, joinUrl, resolveBaseUrl } from '../http.js';
import { BearerChannel } from './bearer-channel.js';
import { BearerRefresh } from './bearer-refresh.js';
import { BearerTokens, createUserKey, parseTokens, parseUserKey } from './bearer-tokens.js';

const DEFAULT_PATHS = Object.freeze({ login: '/login', refresh: '/refresh', register: '/register' });

/**
 * Signs users in at bearer endpoints, and refreshes the tokens that these endpoints issue.
 *
 * @implements {PublicBearerAdapter}
 */
export class BearerAdapter {
  #environment;
  #baseUrl;
  #paths;
  #tokens;
  #timeoutMs;
  #channel;
  #refresher;

  /** @type {Emitter<[change: AdapterNotice]>} */
  #changed = new Emitter();

  /** @type {Promise<RefreshResult> | null} the running refresh */
  #refreshing = null;

  /** The number of sign-ins and sign-outs. The response to a request that started before the last sign-in or sign-out is discarded. */
  #attempts = 0;

  /** @param {BearerOptions} options */
  constructor({ baseUrl = '', storage, paths, environment, requestTimeoutMs = 10_000 }) {
    this.#environment = createEnvironment(environment);
    this.#baseUrl = resolveBaseUrl(baseUrl, this.#environment.href);
    this.#paths = { ...DEFAULT_PATHS, ...paths };
    this.#tokens = new BearerTokens(storage === undefined ? this.#environment.storage : storage, this.#baseUrl);
    this.#timeoutMs = requestTimeoutMs;
    this.#channel = new BearerChannel(this.#environment.createChannel, this.#tokens.key);
    this.#refresher = new BearerRefresh(this.#environment, this.#tokens, {
      send: (body) => this.#post('refresh', body),
      end: (cause) => this.#end({ reason: 'refused', cause }),
    });
  }

  getAccessToken() {
    const tokens = this.#tokens.read();
    return tokens && { token: tokens.accessToken, expiresAt: tokens.expiresAt };
  }

  userKey() {
    return this.#tokens.read()?.userKey ?? null;
  }

  /** @type {PublicBearerAdapter['onChange']} */
  onChange(listener) {
    const { window } = this.#environment.events;
    if (this.#changed.isEmpty) {
      window?.addEventListener('storage', this.#handleStorageEvent);
      this.#channel.listen(this.#handleSignOutElsewhere);
    }

    const unsubscribe = this.#changed.subscribe(listener);
    return () => {
      unsubscribe();
      if (this.#changed.isEmpty) {
        window?.removeEventListener('storage', this.#handleStorageEvent);
        this.#channel.stop();
      }
    };
  }

  /**
   * Refreshes the tokens. Concurrent callers in all tabs share one request.
   *
   * @param {{ readonly token: string | null }} [stale]
   * @returns {Promise<RefreshResult>}
   */
  refresh(stale) {
    this.#refreshing ??= this.#refresh(stale?.token ?? null).finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  /**
   * @param {string} email
   * @param {string} password
   * @returns {Promise<BearerResult>}
   */
  async signIn(email, password) {
    const attempt = ++this.#attempts;
    const startedAt = this.#environment.clock.wallNow();
    const response = await this.#post('login', { email, password });
    if (attempt !== this.#attempts) {
      return createSupersededResult();
    }

    if (response?.status !== 200) {
      return createFailureFrom(response);
    }

    const tokens = parseTokens(response.body, startedAt);
    if (tokens === null) {
      return createFailure({ status: 200, code: 'malformed', title: 'The response of the server contains no tokens.' });
    }

    this.#tokens.write(tokens, createUserKey(this.#environment.random));
    this.#changed.emit({ reason: 'signed_in' });
    return { ok: true };
  }

  /**
   * @param {string} email
   * @param {string} password
   * @returns {Promise<BearerResult>}
   */
  async signUp(email, password) {
    const attempt = ++this.#attempts;
    const response = await this.#post('register', { email, password });
    if (response?.status !== 200) {
      return createFailureFrom(response);
    }

    return attempt === this.#attempts ? this.signIn(email, password) : createSupersededResult();
  }

  signOut() {
    this.#attempts++;
    this.#end({ reason: 'signed_out' });
  }

  /**
   * @param {string | null} stale
   * @returns {Promise<RefreshResult>}
   */
  async #refresh(stale) {
    const result = await this.#refresher.run(stale);
    if (result.reason === 'refreshed') {
      this.#changed.emit({ reason: 'refreshed' });
    }

    return result;
  }

  /**
   * Removes the tokens in this tab and in the other tabs.
   *
   * @param {AdapterNotice} notice
   */
  #end(notice) {
    const userKey = this.userKey();
    if (userKey !== null) {
      this.#channel.send({ userKey, refusal: notice.cause ?? null });
    }

    this.#tokens.remove();
    this.#changed.emit(notice);
  }

  /**
   * @param {keyof typeof DEFAULT_PATHS} path
   * @param {JsonObject} body
   * @returns {Promise<JsonResponse | null>} null when no response arrived in time
   */
  async #post(path, body) {
    const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
    const init = /** @type {const} */ ({ method: 'POST', headers, body: JSON.stringify(body), redirect: 'manual' });
    try {
      return await fetchJson(this.#environment, joinUrl(this.#baseUrl, this.#paths[path]), init, this.#timeoutMs);
    } catch {
      return null;
    }
  }

  /**
   * Ends a sign-in that another tab has ended, unless a storage event has already ended it.
   *
   * @param {SignOutMessage} message
   */
  #handleSignOutElsewhere = ({ userKey, refusal }) => {
    if (this.userKey() === userKey) {
      this.#attempts++;
      this.#tokens.remove();
      this.#changed.emit(refusal === null ? { reason: 'signed_out' } : { reason: 'refused', cause: refusal });
    }
  };

  /**
   * Emits the change that another tab made to the stored tokens.
   *
   * @param {Event} event
   */
  #handleStorageEvent = (event) => {
    const { key, oldValue, newValue } = /** @type {StorageEvent} */ (event);
    if (key !== null && key !== this.#tokens.key) {
      return;
    }

    const before = parseUserKey(oldValue);
    const present = parseUserKey(newValue);
    this.#changed.emit({ reason: !present ? 'signed_out' : present === before ? 'refreshed' : 'signed_in' });
  };
}

/**
 * @param {BearerProblem} problem
 * @returns {BearerResult}
 */
function createFailure(problem) {
  return { ok: false, problem };
}

function createSupersededResult() {
  return createFailure({ status: 0, code: 'superseded', title: 'A later sign-in or sign-out replaced this one.' });
}

/** @param {JsonResponse | null} response */
function createFailureFrom(response) {
  return response === null
    ? createFailure({ status: 0, code: 'unreachable', title: 'The server could not be reached.' })
    : createFailure({ ...response.body, status: response.status });
}

/**
 * Creates an adapter for bearer endpoints, such as those of ASP.NET Core Identity.
 *
 * @param {BearerOptions} [options]
 * @returns {PublicBearerAdapter}
 */
export function bearerAdapter(options = {}) {
  return new BearerAdapter(options);
}
