// @ts-check
/** @import { HealthChecks } from './health-check.js' */
/** @import { Identity } from './identity.js' */
/** @import { RequestDescription } from './request-description.js' */
/** @import { RequestHeaders } from './request-headers.js' */
/** @import { ResponseReader } from './response-reader.js' */
/** @import { SessionApi } from './session-api.js' */
/** @import { SessionStatus } from './session-status.js' */
/** @import { Settings } from './settings.js' */
/** @import { UserIdentity } from './tokens.js' */
import { sleepUnless, waitUnlessAborted } from './async.js';
import { Attempt } from './attempt.js';
import { parseRetryAfter } from './http.js';
import { isSendable, isTooLargeForKeepalive } from './request-description.js';
import { RequestRetries } from './request-retries.js';
import { getRetryRequest, isAmbiguousStatus } from './retry.js';
import { getEpoch } from './session-api.js';

/**
 * @typedef {object} RequestServices the parts of the session that a request uses
 * @property {Settings} settings
 * @property {SessionStatus} status
 * @property {Identity} identity
 * @property {SessionApi} api
 * @property {HealthChecks} checks
 * @property {RequestHeaders} headers
 * @property {ResponseReader} reader
 */

/**
 * @typedef {object} SentRequest the response to a request
 * @property {Response} response
 * @property {number} order the ordinal of the last attempt's start
 */

/** Runs one request of the page with all its attempts. */
export class RequestRun {
  #services;
  #description;
  #isOwn;
  #retries;
  #scope;

  /** @type {Readonly<UserIdentity>} */
  #identity;
  #isUnauthorizedHandled = false;
  #usesKeepalive;

  /** The number of responses to this request that a proxy sent although the application was reachable. */
  #ambiguousCount = 0;
  #ambiguousAt = Number.POSITIVE_INFINITY;

  /**
   * Creates an object that sends one request and repeats it if necessary.
   * @param {RequestServices} services
   * @param {RequestDescription} description
   * @param {boolean} isOwn whether the module itself sends the request, whose headers contain no balance
   */
  constructor(services, description, isOwn) {
    const { settings, status } = services;
    this.#services = services;
    this.#description = description;
    this.#isOwn = isOwn;
    this.#retries = new RequestRetries(settings.timings, settings.environment.random);
    this.#scope = status.scope;
    this.#identity = status.scope.identity;
    this.#usesKeepalive = description.isKeepalive;
  }

  get #now() {
    return this.#services.settings.environment.clock.now();
  }

  /** @returns {Promise<SentRequest>} */
  async run() {
    await this.#identify(true);
    this.#scope = this.#services.status.scope;
    if (await isTooLargeForKeepalive(this.#description)) {
      this.#usesKeepalive = false;
    }

    for (;;) {
      const order = this.#scope.nextOrder();
      const response = await this.#send();
      if (response === null) {
        continue;
      }

      const isForeign = await this.#services.reader.read(response, this.#scope, order, this.#isOwn);
      if (!await this.#prepareRepeat(response, isForeign)) {
        return { response, order };
      }

      void response.body?.cancel().catch(() => {});
    }
  }

  /**
   * Reads the user of the request from the adapter, and refreshes an expired token.
   *
   * @param {boolean} isFirst whether this is the first attempt. Before a later attempt, the token of a session in the state `offline` is
   * not refreshed, because the next check of the session refreshes the token.
   */
  async #identify(isFirst) {
    const { identity, checks, status } = this.#services;
    const { hasOwnAuthorization, signal } = this.#description;
    this.#identity = await waitUnlessAborted(identity.identifyForRequest(), signal);
    const isExpired = !hasOwnAuthorization && this.#identity.token !== null && identity.isExpired(this.#identity);
    if (isExpired && (isFirst || status.state !== 'offline')) {
      await waitUnlessAborted(checks.start('token_expired'), signal);
      this.#identity = await identity.identifyForRequest();
    }
  }

  /**
   * Sends one attempt of the request, and reads the headers of its response.
   *
   * @returns {Promise<Response | null>} null if the connection was lost and the request must be sent again
   */
  async #send() {
    const { checks, headers: ownHeaders, status } = this.#services;
    const headers = ownHeaders.create(this.#description, this.#identity.token, status.scope.balance.versionToken);
    try {
      return await this.#sendAttempt(headers);
    } catch (error) {
      if (this.#description.signal?.aborted || !isSendable(this.#description)) {
        throw error;
      }

      const response = await this.#sendWithoutOptionalHeaders(headers);
      if (response !== null) {
        return response;
      }

      void checks.start('request_failed');

      // The browser limits the total body size of all running requests with `keepalive`, and this request may exceed the limit.
      this.#usesKeepalive = false;
      if (this.#description.isRepeatable && await this.#waitForRepeat(this.#retries.afterLoss(this.#now))) {
        return null;
      }

      throw error;
    }
  }

  /** @param {Headers} headers */
  #sendAttempt(headers) {
    const { init, isKeepalive } = this.#description;
    const keepalive = isKeepalive ? { keepalive: this.#usesKeepalive } : {};
    return new Attempt(this.#services, this.#description).send({ ...this.#services.settings.credentials, ...init, ...keepalive, headers });
  }

  /**
   * Sends a cross-origin request once more without the headers that the server's CORS policy may forbid.
   *
   * @param {Headers} headers the headers of the attempt that failed
   * @returns {Promise<Response | null>} null if there is no header to omit, or if the second attempt also fails
   */
  async #sendWithoutOptionalHeaders(headers) {
    const { api, headers: ownHeaders } = this.#services;
    const reduced = this.#description.isRepeatable ? ownHeaders.createWithoutOptional(headers, this.#description) : null;
    const response = reduced === null ? null : await this.#sendAttempt(reduced).catch(() => null);
    this.#description.signal?.throwIfAborted();
    if (reduced !== null && response !== null && !api.isForeign(response) && !api.epochs.isNew(getEpoch(response))) {
      // The second attempt received a response from the same server process. The first attempt therefore failed because of its headers and
      // not because of an outage.
      ownHeaders.forbid(headers, reduced);
    }

    return response;
  }

  /**
   * Decides whether the request is repeated after a response, and waits for the necessary delay.
   *
   * @param {Response} response
   * @param {boolean} isForeign
   * @returns {Promise<boolean>}
   */
  async #prepareRepeat(response, isForeign) {
    const { environment: { clock }, timings } = this.#services.settings;
    if (response.status === 401 && !this.#description.hasOwnAuthorization && !this.#isUnauthorizedHandled) {
      this.#isUnauthorizedHandled = true;
      return await this.#handleUnauthorized() && this.#waitForRepeat(0);
    }

    if (!this.#description.isRepeatable || response.status === 401) {
      return false;
    }

    const retryAfterMs = parseRetryAfter(response.headers, clock.wallNow(), timings.maxRetryAfterMs);
    if (isForeign) {
      return !this.#isFinal(response.status) && this.#waitForRepeat(this.#retries.afterLoss(this.#now, retryAfterMs), retryAfterMs);
    }

    // The response is not a 401, so the next 401 is handled again: while a long request is repeated, the token can expire a second time.
    this.#isUnauthorizedHandled = false;
    const why = await getRetryRequest(response);
    return why !== null && this.#waitForRepeat(this.#retries.afterRequest(why, this.#now, retryAfterMs), retryAfterMs);
  }

  /**
   * Returns whether a proxy's response is final, such as a 404 for a file that the proxy serves itself. The response is final if the proxy
   * has sent it several times while the application was reachable.
   *
   * @param {number} status
   */
  #isFinal(status) {
    const { at, isReachable } = this.#services.api.contact;
    this.#ambiguousCount += isReachable && at >= this.#ambiguousAt ? 1 : 0;
    this.#ambiguousAt = this.#now;
    return isAmbiguousStatus(status) && this.#ambiguousCount >= this.#services.settings.timings.answeredRetries;
  }

  /**
   * Checks the session after a 401. A request that was rejected with 401 had no effect, so a request with an unsafe method may also be
   * repeated.
   *
   * @returns {Promise<boolean>} whether the request may be repeated
   */
  async #handleUnauthorized() {
    const { checks, identity } = this.#services;
    const { isBodyRepeatable, signal } = this.#description;
    const present = await identity.identifyForRequest();
    if (present.token !== this.#identity.token) {
      return isBodyRepeatable && present.token !== null;
    }

    const checked = checks.start('unauthorized');
    if (!isBodyRepeatable) {
      return false;
    }

    const { status } = await waitUnlessAborted(checked, signal);
    return status === 'healthy' || status === 'recovered';
  }

  /**
   * Waits for the next attempt.
   *
   * @param {number | null} milliseconds the delay; null if there is no next attempt
   * @param {number} [atLeastMs] the minimum delay, even if the server is reachable earlier
   * @returns {Promise<boolean>} false if there is no next attempt, or if the user's scope has ended
   */
  async #waitForRepeat(milliseconds, atLeastMs = 0) {
    if (milliseconds === null) {
      return false;
    }

    if (milliseconds > 0) {
      const { settings: { environment: { clock }, timings }, api } = this.#services;
      const least = Math.min(Math.max(atLeastMs, timings.fastRetryMinMs), milliseconds);
      await sleepUnless(clock, milliseconds, least, api.back, this.#description.signal);
    }

    await this.#identify(false);
    return !this.#scope.isEnded;
  }
}
