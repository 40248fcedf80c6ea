// @ts-check
/** @import { AdapterNotice, BearerOptions, BearerProblem, BearerResult, BearerSignInOptions } from '../../session-recovery.js' */
/** @import { RefreshResult } from '../../session-recovery.js' */
/** @import { BearerAdapter as PublicBearerAdapter } from '../../session-recovery.js' */
/** @import { JsonResponse } from '../http.js' */
/** @import { SignOutMessage } from './bearer-channel.js' */
import { Emitter } from '../emitter.js';
import { createEnvironment } from '../environment.js';
import { resolveBaseUrl } from '../http.js';
import { BearerChannel } from './bearer-channel.js';
import { BearerRefresh } from './bearer-refresh.js';
import { BearerRequests } from './bearer-requests.js';
import { BearerTokens, createUserKey, parseTokens, parseUserKey } from './bearer-tokens.js';

/**
 * Signs users in at bearer endpoints, and refreshes the tokens that these endpoints issue.
 *
 * @implements {PublicBearerAdapter}
 */
export class BearerAdapter {
  #environment;
  #tokens;
  #requests;
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
    const url = resolveBaseUrl(baseUrl, this.#environment.href);
    this.#tokens = new BearerTokens(storage === undefined ? this.#environment.storage : storage, url);
    this.#requests = new BearerRequests(this.#environment, url, paths, requestTimeoutMs);
    this.#channel = new BearerChannel(this.#environment.createChannel, this.#tokens.key);
    this.#refresher = new BearerRefresh(this.#environment, this.#tokens, {
      send: (body) => this.#requests.send('refresh', body),
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
   * Signs the user in and stores the tokens.
   *
   * @param {string} email
   * @param {string} password
   * @param {BearerSignInOptions} [options]
   * @returns {Promise<BearerResult>}
   */
  async signIn(email, password, options) {
    const attempt = ++this.#attempts;
    const { response, startedAt } = await this.#repeat('login', { email, password }, attempt, options);
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
   * Registers an account and signs the user in.
   *
   * @param {string} email
   * @param {string} password
   * @param {BearerSignInOptions} [options]
   * @returns {Promise<BearerResult>}
   */
  async signUp(email, password, options) {
    const attempt = ++this.#attempts;
    const { response, count } = await this.#repeat('register', { email, password }, attempt, options);
    const failure = response?.status === 200 ? null : createFailureFrom(response);
    if (attempt !== this.#attempts) {
      return failure ?? createSupersededResult();
    }

    // The server may have created the account at an earlier attempt whose response was lost. If so, it rejects the repeated
    // registration.
    const isRepeatRejected = failure !== null && count > 1 && failure.problem?.status === 400;
    if (failure !== null && !isRepeatRejected) {
      return failure;
    }

    const result = await this.signIn(email, password, options);
    return failure !== null && !result.ok ? failure : result;
  }

  signOut() {
    this.#attempts++;
    this.#end({ reason: 'signed_out' });
  }

  /**
   * Refreshes the tokens unless another tab has already refreshed them.
   *
   * @param {string | null} stale the access token that expired or was rejected
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
   * Sends a request, and repeats it until another sign-in or a sign-out begins.
   *
   * @param {'login' | 'register'} path
   * @param {{ email: string, password: string }} body
   * @param {number} attempt
   * @param {BearerSignInOptions} [options]
   */
  #repeat(path, body, attempt, options) {
    return this.#requests.repeat(path, body, { ...options, isCurrent: () => attempt === this.#attempts });
  }

  /**
   * Handles the message that another tab has ended the sign-in, unless a storage event has already ended the sign-in in this tab.
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
 * Creates the result of a failed sign-in or registration.
 *
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
