// @ts-check
/** @import { Environment } from '../../session-recovery.js' */
import { SafeStorage } from '../environment.js';

/** The maximum accepted pause after a failed refresh. */
export const MAX_PAUSE_MS = 60_000;

/** Records transient failures of refreshes in the storage, so that the other tabs do not repeat a refresh during the recorded pause. */
export class RefreshRecords {
  #clock;
  #storage;

  /** @param {Environment} environment */
  constructor({ clock, storage }) {
    this.#clock = clock;
    this.#storage = new SafeStorage(storage);
  }

  /**
   * Records a transient failure, and the pause during which no tab repeats the refresh.
   *
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
   * Finds a recorded failure that also applies to a refresh that started at the given time. A record is ignored if its time is in the
   * future or its pause exceeds the maximum, because it was written before the device's clock was changed.
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
