// @ts-check
/** @import { Environment } from '../../session-recovery.js' */
import { SafeStorage } from '../environment.js';

/** The longest accepted pause after a failure. */
export const MAX_PAUSE_MS = 60_000;

/** Records transient failures of refreshes for the other tabs, so that they do not repeat a request during the pause. */
export class RefreshRecords {
  #clock;
  #storage;

  /** @param {Environment} environment */
  constructor({ clock, storage }) {
    this.#clock = clock;
    this.#storage = new SafeStorage(storage);
  }

  /**
   * @param {string} key the client's storage key
   * @param {string} reason
   * @param {number} pauseMs
   */
  add(key, reason, pauseMs) {
    const at = this.#clock.wallNow();
    this.#storage.setJson(getRecordKey(key), { at, until: at + pauseMs, reason });
  }

  /** @param {string} key */
  remove(key) {
    this.#storage.remove(getRecordKey(key));
  }

  /**
   * Finds a failure that also applies to a refresh that started at the given time. A record with a future time, or with a pause above the
   * maximum, is ignored: it was written before the device's clock was changed.
   *
   * @param {string} key
   * @param {number} startedAt milliseconds since 1970
   * @returns {string | null} the reason of the failure
   */
  findReason(key, startedAt) {
    const record = this.#storage.getJson(getRecordKey(key));
    const now = this.#clock.wallNow();
    const isPaused = record?.until > now && record.until - now <= MAX_PAUSE_MS;
    const applies = record?.at <= now && (record.at >= startedAt || isPaused);
    return applies && typeof record.reason === 'string' ? record.reason : null;
  }
}

/** @param {string} key */
const getRecordKey = (key) => `session-recovery:refresh:${key}`;
