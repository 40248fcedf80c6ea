// @ts-check
/** @import { RefreshResult } from '../session-recovery.js' */
/** @import { Settings } from './settings.js' */
/** @import { UserIdentity } from './tokens.js' */
import { withTimeout } from './async.js';
import { BrowserLock } from './browser-lock.js';
import { readIdentity } from './tokens.js';

const OUTCOMES = ['refreshed', 'refused', 'unavailable'];

/** @typedef {{ outcome: RefreshResult['outcome'], reason: string }} RefreshOutcome the result of a refresh by the adapter */

/** Calls the adapter with a time limit, so that an adapter that waits for a lock does not block the page. */
export class AdapterCalls {
  #settings;
  #refreshLock;

  /** @param {Settings} settings */
  constructor(settings) {
    this.#settings = settings;
    this.#refreshLock = new BrowserLock(settings.environment, `session:${settings.baseUrl.href}`);
  }

  /**
   * Reads the signed-in user from the adapter, with a time limit.
   *
   * @returns {Promise<Readonly<UserIdentity>>} rejects when the adapter fails or does not respond in time
   */
  readIdentity() {
    return this.#limit(() => readIdentity(this.#settings.adapter));
  }

  /**
   * Refreshes a token in one tab at a time. If another tab has refreshed the token in the meantime, the adapter is not called.
   *
   * @param {string | null} token the token that expired or was rejected
   * @param {AbortSignal} signal prevents a refresh for a session that ended while another tab held the lock
   * @returns {Promise<RefreshOutcome>} never rejects
   */
  async refresh(token, signal) {
    try {
      const result = await this.#refreshLock.run(() => this.#limit(async () => {
        signal.throwIfAborted();
        const present = await readIdentity(this.#settings.adapter);
        return present.token !== null && present.token !== token
          ? { outcome: /** @type {const} */ ('refreshed'), reason: 'already' }
          : this.#settings.adapter.refresh({ token });
      }));
      if (OUTCOMES.includes(result.outcome)) {
        return { outcome: result.outcome, reason: result.reason ?? result.outcome };
      }
    } catch {
      // The adapter failed or did not respond in time, so the outcome is `unavailable`.
    }

    return { outcome: 'unavailable', reason: 'adapter_failed' };
  }

  /**
   * @template T
   * @param {() => Promise<T>} work
   */
  #limit(work) {
    return withTimeout(this.#settings.environment.clock, this.#settings.timings.requestTimeoutMs, work);
  }
}
