// @ts-check
/** @import { CheckReason, CreditReading } from '../session-recovery.js' */
/** @import { Identity } from './identity.js' */
/** @import { RequestSender } from './request.js' */
/** @import { SessionApi } from './session-api.js' */
/** @import { SessionScope } from './session-scope.js' */
/** @import { SessionStatus } from './session-status.js' */
/** @import { Settings } from './settings.js' */
import { withTimeout } from './async.js';
import { UNAUTHENTICATED, UNAVAILABLE } from './balance.js';
import { parseJsonObject } from './http.js';

/**
 * Checks after a time in which another tab or device may have spent credits. A healthy session alone does not confirm the balance.
 *
 * @type {ReadonlySet<CheckReason>}
 */
const REASONS_TO_READ_AGAIN = new Set(/** @type {const} */ (['new_epoch', 'online', 'visible', 'page_show']));

/** Reads the balance from the server, one read per user at a time. */
export class BalanceReader {
  #settings;
  #status;
  #identity;
  #api;
  #requests;

  /** Whether the page uses the balance. A page that does not causes no reads. */
  #isUsed = false;

  /**
   * @param {Settings} settings
   * @param {SessionStatus} status
   * @param {Identity} identity
   * @param {SessionApi} api
   * @param {RequestSender} requests
   */
  constructor(settings, status, identity, api, requests) {
    this.#settings = settings;
    this.#status = status;
    this.#identity = identity;
    this.#api = api;
    this.#requests = requests;
    requests.creditsReceived.subscribe(() => {
      this.#isUsed = true;
    });
    status.ready.subscribe(() => {
      if (status.scope.balance.result.status !== 'known') {
        this.#readAgain();
      }
    });
  }

  /** @param {CheckReason} reason the reason of a check that found the session healthy */
  handleHealthyCheck(reason) {
    if (REASONS_TO_READ_AGAIN.has(reason)) {
      this.#readAgain();
    }
  }

  /**
   * Reads the balance. A read joins the running one. A refresh joins only a read that starts after the call, so it waits for
   * the end of the running one.
   *
   * @param {boolean} isRefresh whether the server must read its store
   * @returns {Promise<CreditReading>} never rejects
   */
  read(isRefresh) {
    const { scope } = this.#status;
    this.#isUsed = true;
    if (scope.read === null) {
      const read = this.#start(isRefresh).finally(() => {
        scope.read = null;
      });
      scope.read = read;
      return read;
    }

    if (!isRefresh) {
      return scope.read;
    }

    scope.nextRead ??= scope.read.then(() => {
      scope.nextRead = null;
      return scope.isEnded ? UNAVAILABLE : this.read(true);
    });
    return scope.nextRead;
  }

  #readAgain() {
    if (this.#isUsed && this.#status.scope.read === null) {
      void this.read(false);
    }
  }

  /** @param {boolean} isRefresh */
  async #start(isRefresh) {
    const { environment, timings, usesCookies } = this.#settings;
    const { token } = await this.#identity.identifyForRequest();
    const { scope } = this.#status;
    if (usesCookies ? this.#status.state === 'signed_out' : token === null) {
      return UNAUTHENTICATED;
    }

    try {
      return await withTimeout(environment.clock, timings.budgetMs, (signal) => this.#request(scope, isRefresh, signal), scope.signal);
    } catch {
      return scope.isEnded ? UNAVAILABLE : this.#fallBackToStale(scope);
    }
  }

  /**
   * @param {SessionScope} scope
   * @param {boolean} isRefresh
   * @param {AbortSignal} signal
   * @returns {Promise<CreditReading>}
   */
  async #request(scope, isRefresh, signal) {
    const url = this.#api.getUrl('credits') + (isRefresh ? '?refresh=true' : '');
    /** @type {RequestInit} */
    const init = { ...this.#settings.credentials, cache: 'no-store', headers: { Accept: 'application/json' }, signal };
    const { versionToken } = scope.balance;
    const { response, order } = await this.#requests.send(url, init, { readsCredits: false });
    const body = parseJsonObject(await response.text());
    if (scope.isEnded) {
      return UNAVAILABLE;
    }

    if (response.status === 400 && versionToken !== null && body?.code === 'invalid_credits_version') {
      scope.balance.dropVersionToken();
      return this.#request(scope, isRefresh, signal);
    }

    if (response.status === 200 && scope.balance.acceptBody(response.headers, body, order)) {
      this.#status.publish();
      return scope.balance.result;
    }

    const result = this.#fallBackToStale(scope);
    return response.status === 401 ? UNAUTHENTICATED : result;
  }

  /** @param {SessionScope} scope */
  #fallBackToStale(scope) {
    scope.balance.markStale();
    this.#status.publish();
    return scope.balance.result;
  }
}
