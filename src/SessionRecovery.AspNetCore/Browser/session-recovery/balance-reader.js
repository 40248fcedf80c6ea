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
import { parseJsonObject, parseRetryAfter } from './http.js';
import { addJitter, getExponentialDelay } from './retry.js';

/**
 * The balance is read again after a check with one of these reasons, because another tab or device may have spent credits before the check.
 *
 * @type {ReadonlySet<CheckReason>}
 */
const REASONS_TO_READ_AGAIN = new Set(/** @type {const} */ (['new_epoch', 'online', 'visible', 'page_show']));

/** Reads the balance from the server. For each user, only one read runs at a time. */
export class BalanceReader {
  #settings;
  #status;
  #identity;
  #api;
  #requests;

  /** Indicates whether the page uses the balance. If the page does not use the balance, the module does not read it. */
  #isUsed = false;

  /** The value of `Retry-After` in the response to the last read. */
  #retryAfterMs = 0;

  /**
   * Creates the object that reads the balance for a session.
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
      status.scope.failedReads = 0;
      status.scope.nextRead.cancel();
    });
    status.ready.subscribe(() => {
      if (status.scope.balance.result.status !== 'known') {
        this.#readAgain();
      }
    });
  }

  /**
   * Reads the balance after a check, if another tab or device may have spent credits.
   *
   * @param {CheckReason} reason the reason of a check that found the session healthy
   */
  handleHealthyCheck(reason) {
    if (REASONS_TO_READ_AGAIN.has(reason)) {
      this.#readAgain();
    }
  }

  /**
   * Accepts a balance that another tab has stored. If the versions do not show which balance is later, the balance is read from the server.
   *
   * @param {string | null} key the storage key that the other tab has changed
   * @param {string | null} text the stored value
   */
  handleStoredBalance(key, text) {
    const { scope, state } = this.#status;
    if (key === null || key !== scope.balance.key) {
      return;
    }

    const isInDoubt = scope.balance.acceptStored(parseJsonObject(text ?? ''));
    this.#status.publish();
    if (isInDoubt && state === 'ready') {
      this.#readAgain(true);
    }
  }

  /**
   * Reads the balance. If a read is already running, the function returns the result of that read. A refresh is an exception: it waits for
   * the end of the running read and starts its own read.
   *
   * @param {boolean} isRefresh whether the server must read its store
   * @returns {Promise<CreditReading>} never rejects
   */
  read(isRefresh) {
    const { scope } = this.#status;
    this.#isUsed = true;
    if (scope.read === null) {
      return this.#begin(scope, isRefresh, false);
    }

    if (!isRefresh) {
      return scope.read;
    }

    scope.refresh ??= scope.read.then(() => {
      scope.refresh = null;
      return scope.isEnded ? UNAVAILABLE : this.read(true);
    });
    return scope.refresh;
  }

  /**
   * Schedules another read after a read returned no current balance. Nothing is scheduled while the session is not ready, because the
   * balance is read when the session becomes ready.
   *
   * @param {SessionScope} scope
   */
  #scheduleNext(scope) {
    const { status } = scope.balance.result;
    if (status === 'known' || status === 'missing') {
      scope.failedReads = 0;
    } else if (!scope.isEnded && this.#status.state === 'ready') {
      const { environment, timings } = this.#settings;
      const delay = getExponentialDelay(timings.answeredRetryMs, scope.failedReads++, timings.maxCooldownMs);
      scope.nextRead.schedule(Math.max(addJitter(delay, environment.random), this.#retryAfterMs), () => {
        if (this.#status.state === 'ready') {
          this.#readAgain(true);
        }
      });
    }
  }

  /**
   * Starts a read if the page uses the balance and no read is running.
   *
   * @param {boolean} [isSingle] whether the request is sent once, without retries
   */
  #readAgain(isSingle = false) {
    if (this.#isUsed && this.#status.scope.read === null) {
      void this.#begin(this.#status.scope, false, isSingle);
    }
  }

  /**
   * Starts a read, and schedules the next read if this read returns no current balance.
   *
   * @param {SessionScope} scope
   * @param {boolean} isRefresh
   * @param {boolean} isSingle whether the request is sent once
   */
  #begin(scope, isRefresh, isSingle) {
    scope.nextRead.cancel();
    scope.read = this.#read(isRefresh, isSingle).finally(() => {
      scope.read = null;
      this.#scheduleNext(scope);
    });
    return scope.read;
  }

  /**
   * Sends the request for the balance with the retries that the caller allows.
   *
   * @param {boolean} isRefresh
   * @param {boolean} isSingle
   */
  async #read(isRefresh, isSingle) {
    const { environment, timings, usesCookies } = this.#settings;
    const { token } = await this.#identity.identifyForRequest();
    const { scope } = this.#status;
    if (usesCookies ? this.#status.state === 'signed_out' : token === null) {
      return UNAUTHENTICATED;
    }

    try {
      return await withTimeout(
        environment.clock, timings.budgetMs, (signal) => this.#request(scope, isRefresh, isSingle, signal), scope.signal);
    } catch {
      return scope.isEnded ? UNAVAILABLE : this.#fallBackToStale(scope);
    }
  }

  /**
   * Requests the balance from the server.
   *
   * @param {SessionScope} scope
   * @param {boolean} isRefresh
   * @param {boolean} isSingle
   * @param {AbortSignal} signal
   * @returns {Promise<CreditReading>}
   */
  async #request(scope, isRefresh, isSingle, signal) {
    const url = this.#api.getUrl('credits') + (isRefresh ? '?refresh=true' : '');
    /** @type {RequestInit} */
    const init = { ...this.#settings.credentials, cache: 'no-store', redirect: 'manual', headers: { Accept: 'application/json' }, signal };
    const { versionToken } = scope.balance;
    const { response, order } = await this.#requests.send(url, init, { isOwn: true, isSingle });
    const body = parseJsonObject(await response.text());
    const { environment, timings } = this.#settings;
    this.#retryAfterMs = parseRetryAfter(response.headers, environment.clock.wallNow(), timings.maxRetryAfterMs);
    if (scope.isEnded) {
      return UNAVAILABLE;
    }

    if (response.status === 400 && versionToken !== null && body?.code === 'invalid_credits_version') {
      scope.balance.dropVersionToken();
      return this.#request(scope, isRefresh, isSingle, signal);
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
