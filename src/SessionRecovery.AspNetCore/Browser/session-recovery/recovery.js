// @ts-check
/** @import { SignInPage } from './http.js' */
/** @import { Identity } from './identity.js' */
/** @import { ApiResponse, SessionApi } from './session-api.js' */
/** @import { SessionScope } from './session-scope.js' */
/** @import { SessionStatus } from './session-status.js' */
/** @import { Settings } from './settings.js' */
/** @import { UserIdentity } from './tokens.js' */
import { waitUnlessAborted } from './async.js';
import { parseRetryAfter } from './http.js';
import { findRejection, parseReason, requestHealth } from './health.js';

/**
 * @typedef {object} RecoveryResult the result of one recovery
 * @property {'recovered' | 'unhealthy' | 'inconclusive' | 'unreachable' | 'refused' | 'superseded'} status `refused`: the user must sign in
 *   again; `inconclusive`: a sign-in page responded in place of the server; `superseded`: the scope ended during the recovery
 * @property {string} reason
 * @property {number} retryAfterMs
 * @property {SignInPage | null} signInPage
 */

/**
 * Creates the result of a recovery.
 * @param {RecoveryResult['status']} status
 * @param {string} [reason]
 * @param {number} [retryAfterMs]
 * @param {SignInPage | null} [signInPage]
 * @returns {RecoveryResult}
 */
const createResult = (status, reason = status, retryAfterMs = 0, signInPage = null) => ({ status, reason, retryAfterMs, signInPage });

const SUPERSEDED = createResult('superseded');

/**
 * Recovers an unhealthy session. The recovery first refreshes the token if necessary. After that, it requests that the server drops and
 * reloads the user's cached data.
 */
export class Recovery {
  #settings;
  #status;
  #identity;
  #api;

  /**
   * Creates the object that runs the recoveries of a session.
   * @param {Settings} settings
   * @param {SessionStatus} status
   * @param {Identity} identity
   * @param {SessionApi} api
   */
  constructor(settings, status, identity, api) {
    this.#settings = settings;
    this.#status = status;
    this.#identity = identity;
    this.#api = api;
  }

  /**
   * Recovers the session, and refreshes the token first if necessary.
   *
   * @param {SessionScope} scope
   * @param {string} trigger the cause of the recovery, which the server counts in its metrics
   * @param {Readonly<UserIdentity>} identity
   * @param {boolean} needsRefresh
   * @returns {Promise<RecoveryResult>}
   */
  async run(scope, trigger, identity, needsRefresh) {
    if (needsRefresh) {
      return await this.#refresh(scope, trigger, identity) ?? this.#recover(scope, trigger, scope.identity, false);
    }

    return this.#recover(scope, trigger, identity, true);
  }

  /**
   * Refreshes the token in the first step of a recovery.
   *
   * @param {SessionScope} scope
   * @param {string} trigger
   * @param {Readonly<UserIdentity>} identity
   * @returns {Promise<RecoveryResult | null>} null if the refresh succeeded
   */
  async #refresh(scope, trigger, { token }) {
    const { outcome, reason } = await this.#identity.refresh(scope, token);
    const failure = outcome === 'unavailable' ? await this.#explain(scope, trigger, reason) : null;
    if (await this.#identity.hasEnded(scope)) {
      return SUPERSEDED;
    }

    if (outcome === 'refused') {
      return createResult('refused', reason);
    }

    return failure;
  }

  /**
   * Classifies a failure of the adapter. If the application is also unreachable, the result is `unreachable` and not `unhealthy`, because a
   * proxy may have responded to the adapter in place of the token verifier. The application is contacted only if the token has expired. If
   * the token has not expired, the check that started the recovery has just contacted the application.
   *
   * @param {SessionScope} scope
   * @param {string} trigger
   * @param {string} reason
   * @returns {Promise<RecoveryResult>}
   */
  async #explain(scope, trigger, reason) {
    if (reason === 'network') {
      return createResult('unreachable', reason);
    }

    if (trigger !== 'token_expired') {
      return createResult('unhealthy', reason);
    }

    const response = await waitUnlessAborted(this.#api.probe(), scope.signal).catch(() => null);
    if (response?.signInPage) {
      return createResult('inconclusive', 'sign_in_required', 0, response.signInPage);
    }

    return createResult(response === null || response.isForeign ? 'unreachable' : 'unhealthy', reason);
  }

  /**
   * Requests the recovery from the server.
   *
   * @param {SessionScope} scope
   * @param {string} trigger
   * @param {Readonly<UserIdentity>} identity
   * @param {boolean} mayRefresh whether a rejected token is refreshed and the request is sent once more
   * @returns {Promise<RecoveryResult>}
   */
  async #recover(scope, trigger, identity, mayRefresh) {
    const order = scope.nextOrder();
    const init = { body: JSON.stringify({ trigger }), signal: scope.signal };
    const response = await this.#api.request('POST', 'recover', identity.token, init).catch(() => null);
    if (await this.#identity.hasEnded(scope)) {
      return SUPERSEDED;
    }

    if (response === null) {
      return createResult('unreachable');
    }

    if (response.signInPage !== null) {
      return createResult('inconclusive', 'sign_in_required', 0, response.signInPage);
    }

    if (response.isForeign) {
      return createResult('unreachable', `http_${response.status}`, this.#parseRetryAfter(response));
    }

    if (response.status === 401 && this.#settings.usesCookies) {
      return createResult('refused', parseReason(response.body?.code) ?? 'http_401');
    }

    if (response.status === 401 && mayRefresh) {
      return this.run(scope, trigger, identity, true);
    }

    return response.status === 404 ? this.#checkInstead(scope, identity) : this.#acceptResponse(scope, response, order);
  }

  /**
   * Checks whether the session is healthy again. The function is used if recoveries are disabled on the server.
   *
   * @param {SessionScope} scope
   * @param {Readonly<UserIdentity>} identity
   */
  async #checkInstead(scope, { token }) {
    const { status } = await requestHealth(this.#api, this.#settings, scope, token);
    if (await this.#identity.hasEnded(scope)) {
      return SUPERSEDED;
    }

    const reason = 'recovery_switched_off';
    return status === 'healthy' ? createResult('recovered', reason) : createResult(status === 'unreachable' ? status : 'unhealthy', reason);
  }

  /**
   * Determines the result of the recovery from the server's response.
   *
   * @param {SessionScope} scope
   * @param {ApiResponse} response
   * @param {number} order
   */
  #acceptResponse(scope, response, order) {
    const { status, headers, body } = response;
    if (status === 200 && (body?.outcome === 'recovered' || body?.outcome === 'not_needed')) {
      if (scope.balance.acceptBody(headers, body, order)) {
        this.#status.publish();
      }

      return createResult('recovered');
    }

    const rejection = this.#settings.usesCookies ? findRejection(body?.steps) : null;
    if (status === 200 && rejection !== null) {
      // The cookie is valid, but the access token that the server has stored for it was rejected twice. The page cannot refresh this token.
      return createResult('refused', rejection);
    }

    return createResult('unhealthy', status === 200 ? 'recovery_failed' : `http_${status}`, this.#parseRetryAfter(response));
  }

  /** @param {ApiResponse} response */
  #parseRetryAfter({ headers }) {
    const { environment, timings } = this.#settings;
    return parseRetryAfter(headers, environment.clock.wallNow(), timings.maxRetryAfterMs);
  }
}
