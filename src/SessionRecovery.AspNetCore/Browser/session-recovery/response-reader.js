// @ts-check
/** @import { HealthChecks } from './health-check.js' */
/** @import { Identity } from './identity.js' */
/** @import { RequestHeaders } from './request-headers.js' */
/** @import { SessionApi } from './session-api.js' */
/** @import { SessionScope } from './session-scope.js' */
/** @import { SessionStatus } from './session-status.js' */
/** @import { Settings } from './settings.js' */
import { parseAvailable } from './balance.js';
import { Emitter } from './emitter.js';
import { findSignInPage, isHtml, isPublic } from './http.js';
import { isGatewayStatus } from './retry.js';
import { getEpoch } from './session-api.js';

/**
 * @typedef {object} ReaderServices the parts of the session that the reader of responses uses
 * @property {Settings} settings
 * @property {SessionStatus} status
 * @property {Identity} identity
 * @property {SessionApi} api
 * @property {HealthChecks} checks
 * @property {RequestHeaders} headers
 */

/** Reads the epoch and the available credits from the headers of every response, and starts a check if the response indicates an outage. */
export class ResponseReader {
  #services;

  /** @type {Emitter<[]>} a response carried available credits */
  creditsReceived = new Emitter();

  /** @param {ReaderServices} services */
  constructor(services) {
    this.#services = services;
  }

  /**
   * Reads the epoch and the available credits from the headers of a response.
   *
   * @param {Response} response
   * @param {SessionScope} scope the user who sent the request
   * @param {number} order the ordinal of the request's start
   * @param {boolean} isOwn whether the module itself sent the request, whose headers contain no balance
   * @returns {Promise<boolean>} whether the response did not come from the application
   */
  async read(response, scope, order, isOwn) {
    if (response.url && new URL(response.url).origin !== this.#services.settings.baseUrl.origin) {
      return false;
    }

    const isForeign = this.#services.api.isForeign(response);
    this.#readEpoch(response, isForeign, isOwn);
    const available = isOwn ? null : parseAvailable(response.headers);
    if (available !== null && !await this.#services.identity.hasEnded(scope)) {
      this.creditsReceived.emit();
      scope.balance.acceptAvailable(available, response.headers, order);
      this.#services.status.publish();
    }

    return isForeign;
  }

  /**
   * Reads the epoch of a response, and starts a check if the epoch is new or missing.
   *
   * @param {Response} response
   * @param {boolean} isForeign
   * @param {boolean} isOwn
   */
  #readEpoch(response, isForeign, isOwn) {
    const { api, checks, headers } = this.#services;
    const epoch = getEpoch(response);
    if (epoch !== null) {
      api.setReachable(true);
    }

    if (api.epochs.learn(epoch)) {
      headers.allowAll();
      checks.handleNewEpoch(epoch);
    } else if (epoch !== null) {
      checks.handleResponse();
    } else if (isForeign || isGatewayStatus(response.status)) {
      void checks.start('request_failed');
    } else if (this.#isSignInPage(response, isOwn)) {
      checks.startSoon('request_failed');
    }
  }

  /**
   * Returns whether a response comes from a sign-in page in front of the application. If the module itself sent the request, HTML proves
   * this, because the endpoints of SessionRecovery send no HTML. If the page sent the request, the application may also return HTML, so the
   * missing epoch must show in addition that the response does not come from the application.
   *
   * @param {Response} response without an epoch
   * @param {boolean} isOwn
   */
  #isSignInPage(response, isOwn) {
    if (isOwn) {
      return findSignInPage(response) !== null;
    }

    const { status, headers } = response;
    return this.#services.api.epochs.hasSeenAny && status === 200 && isHtml(headers) && !isPublic(headers);
  }
}
