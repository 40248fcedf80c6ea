// @ts-check
/** @import { HealthChecks } from './health-check.js' */
/** @import { Identity } from './identity.js' */
/** @import { RequestDescription } from './request-description.js' */
/** @import { SessionApi } from './session-api.js' */
/** @import { SessionStatus } from './session-status.js' */
/** @import { Settings } from './settings.js' */
/** @import { UserIdentity } from './tokens.js' */
import { sleep, waitUnlessAborted } from './async.js';
import { parseAvailable } from './balance.js';
import { Emitter } from './emitter.js';
import { parseRetryAfter } from './http.js';
import { describeRequest, isSendable } from './request-description.js';
import { LostConnectionDelays, addJitter, getExponentialDelay, isGatewayStatus, isRetryResponse } from './retry.js';
import { addAuthorization } from './session-api.js';

/**
 * @typedef {object} Services what a request needs of its session
 * @property {Settings} settings
 * @property {SessionStatus} status
 * @property {Identity} identity
 * @property {SessionApi} api
 * @property {HealthChecks} checks
 * @property {Emitter<[]>} creditsReceived
 */

/**
 * @typedef {object} SentRequest
 * @property {Response} response
 * @property {number} order the ordinal of the last attempt's start
 */

/** Sends the requests of the page, with the session's token and with retries. */
export class RequestSender {
  #services;

  /** @type {Emitter<[]>} a response carried available credits */
  creditsReceived = new Emitter();

  /** @param {Omit<Services, 'creditsReceived'>} services */
  constructor(services) {
    this.#services = { ...services, creditsReceived: this.creditsReceived };
  }

  /**
   * @param {RequestInfo | URL} input
   * @param {RequestInit} [init]
   * @param {{ readsCredits?: boolean }} [options] readsCredits: whether the response's headers may carry a balance; default true
   * @returns {Promise<SentRequest>}
   */
  async send(input, init, { readsCredits = true } = {}) {
    const { baseUrl, environment } = this.#services.settings;
    const description = describeRequest(input, init, baseUrl.href);
    if (description.url.origin !== baseUrl.origin) {
      // Another origin receives nothing of the session, and the session ignores its response.
      return { response: await environment.fetch(input, init), order: 0 };
    }

    return new RequestRun(this.#services, description, init, readsCredits).run();
  }
}

/** One request of the page with all its attempts. */
class RequestRun {
  #services;
  #description;
  #init;
  #readsCredits;
  #deadline;
  #scope;
  #lostConnectionDelays;

  /** @type {Readonly<UserIdentity>} */
  #identity;
  #answeredRetries = 0;
  #isUnauthorizedHandled = false;

  /**
   * @param {Services} services
   * @param {RequestDescription} description
   * @param {RequestInit | undefined} init
   * @param {boolean} readsCredits
   */
  constructor(services, description, init, readsCredits) {
    const { settings, status } = services;
    this.#services = services;
    this.#description = description;
    this.#init = init;
    this.#readsCredits = readsCredits;
    this.#deadline = settings.environment.clock.now() + settings.timings.budgetMs;
    this.#lostConnectionDelays = new LostConnectionDelays(settings.timings, settings.environment.random);
    this.#scope = status.scope;
    this.#identity = status.scope.identity;
  }

  get #clock() {
    return this.#services.settings.environment.clock;
  }

  async run() {
    await this.#identify();
    for (;;) {
      const order = this.#scope.nextOrder();
      const response = await this.#send();
      if (response === null) {
        continue;
      }

      await this.#readHeaders(response, order);
      if (!await this.#prepareRepeat(response)) {
        return { response, order };
      }

      void response.body?.cancel().catch(() => {});
    }
  }

  /** Finds the user of the request, and renews a token that has expired. */
  async #identify() {
    const { identity, checks, status } = this.#services;
    const { hasOwnAuthorization, signal } = this.#description;
    this.#identity = await waitUnlessAborted(identity.identifyForRequest(), signal);
    if (!hasOwnAuthorization && this.#identity.token !== null && identity.isExpired(this.#identity)) {
      await waitUnlessAborted(checks.start('token_expired'), signal);
      this.#identity = await identity.identifyForRequest();
    }

    this.#scope = status.scope;
  }

  /** @returns {Promise<Response | null>} null: the connection was lost, and the request is to be sent again */
  async #send() {
    const { environment, credentials } = this.#services.settings;
    const { isRepeatable, signal } = this.#description;
    try {
      const headers = this.#createHeaders();
      return await environment.fetch(this.#description.createTarget(), { ...credentials, ...this.#init, headers });
    } catch (error) {
      if (signal?.aborted || !isSendable(this.#description, this.#init)) {
        throw error;
      }

      void this.#services.checks.start('request_failed');
      const delay = this.#lostConnectionDelays.next(this.#clock.now());
      if (isRepeatable && await this.#waitForRepeat(delay)) {
        return null;
      }

      throw error;
    }
  }

  #createHeaders() {
    const headers = new Headers(this.#description.headers);
    if (!this.#description.hasOwnAuthorization) {
      addAuthorization(headers, this.#identity.token, this.#description.isSafe);
    }

    const { versionToken } = this.#services.status.scope.balance;
    if (versionToken !== null) {
      headers.set('Credits-Version', versionToken);
    }

    return headers;
  }

  /**
   * Reads the epoch and the available credits of a response.
   *
   * @param {Response} response
   * @param {number} order
   */
  async #readHeaders(response, order) {
    const { api, checks, creditsReceived, identity, settings, status } = this.#services;
    if (response.url && new URL(response.url).origin !== settings.baseUrl.origin) {
      return;
    }

    const epoch = response.headers.get('Session-Epoch');
    if (api.epochs.learn(epoch)) {
      checks.handleNewEpoch(epoch);
    } else if (epoch === null && isGatewayStatus(response.status)) {
      void checks.start('request_failed');
    }

    const available = this.#readsCredits ? parseAvailable(response.headers) : null;
    if (available === null || await identity.hasEnded(this.#scope)) {
      return;
    }

    creditsReceived.emit();
    this.#scope.balance.acceptAvailable(available, response.headers, order);
    status.publish();
  }

  /**
   * Decides whether a response is to be repeated, and waits until it may be.
   *
   * @param {Response} response
   * @returns {Promise<boolean>}
   */
  async #prepareRepeat(response) {
    const { environment, timings } = this.#services.settings;
    const { hasOwnAuthorization, isRepeatable } = this.#description;
    if (response.status === 401 && !hasOwnAuthorization && !this.#isUnauthorizedHandled) {
      this.#isUnauthorizedHandled = true;
      return await this.#handleUnauthorized() && this.#waitForRepeat(0);
    }

    if (isRepeatable && this.#answeredRetries < timings.answeredRetries && await isRetryResponse(response)) {
      const delay = addJitter(getExponentialDelay(timings.answeredRetryMs, this.#answeredRetries++), environment.random);
      return this.#waitForRepeat(Math.max(delay, parseRetryAfter(response.headers, this.#clock.wallNow(), timings.maxRetryAfterMs)));
    }

    return false;
  }

  /**
   * Checks the session after a 401. The server has done nothing, so that an unsafe request may be repeated too.
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
   * @param {number} milliseconds
   * @returns {Promise<boolean>} false if the request's time is up or its user's scope has ended
   */
  async #waitForRepeat(milliseconds) {
    if (milliseconds > 0) {
      if (this.#clock.now() + milliseconds > this.#deadline) {
        return false;
      }

      await sleep(this.#clock, milliseconds, this.#description.signal);
    }

    this.#identity = await this.#services.identity.identifyForRequest();
    return !this.#scope.isEnded;
  }
}
