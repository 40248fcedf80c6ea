// @ts-check
/** @import { CreditHistoryEntry, CreditHistoryPage, Session } from '../session-recovery.js' */
/** @import { SessionStatus } from './session-status.js' */
/** @import { Settings } from './settings.js' */
import { joinUrl } from './http.js';

/** Reads pages of the user's credit history. */
export class HistoryReader {
  #settings;
  #status;
  #session;

  /**
   * Creates an object that reads the credit history of the signed-in user.
   * @param {Settings} settings
   * @param {SessionStatus} status
   * @param {Pick<Session, 'fetch'>} session
   */
  constructor(settings, status, session) {
    this.#settings = settings;
    this.#status = status;
    this.#session = session;
  }

  /**
   * Reads a page of the user's credit history.
   *
   * @param {number | null} before the page contains only entries with lower versions; null for the newest entries
   * @param {number} limit
   * @returns {Promise<CreditHistoryPage>} never rejects
   */
  async read(before, limit) {
    const { scope, state } = this.#status;
    if (state === 'signed_out') {
      return createPage('unauthenticated', scope.signal);
    }

    const { baseUrl, paths, credentials } = this.#settings;
    const query = before === null ? `limit=${limit}` : `limit=${limit}&before=${before}`;
    try {
      const response = await this.#session.fetch(`${joinUrl(baseUrl, paths.history)}?${query}`, {
        ...credentials, cache: 'no-store', headers: { Accept: 'application/json' }, signal: scope.signal,
      });
      const body = response.status === 200 ? await response.json() : null;
      if (scope.isEnded || !Array.isArray(body?.entries)) {
        return createPage(response.status === 401 ? 'unauthenticated' : 'unavailable', scope.signal);
      }

      return createPage('known', scope.signal, body.entries.map(toEntry), body.next_before ?? null);
    } catch {
      return createPage('unavailable', scope.signal);
    }
  }
}

/**
 * Creates an immutable page of the credit history.
 *
 * @param {CreditHistoryPage['status']} status
 * @param {AbortSignal} signal
 * @param {readonly CreditHistoryEntry[]} [entries]
 * @param {number | null} [nextBefore]
 * @returns {CreditHistoryPage}
 */
function createPage(status, signal, entries = [], nextBefore = null) {
  return Object.freeze({ status, entries: Object.freeze(entries), nextBefore, signal });
}

/**
 * Converts an entry of the response body to an entry for the page.
 *
 * @param {any} entry
 * @returns {CreditHistoryEntry}
 */
function toEntry({ version, kind, amount, held, balance, reason, request, created_at }) {
  return Object.freeze({ version, kind, amount, held, balance, reason, request, createdAt: created_at });
}
