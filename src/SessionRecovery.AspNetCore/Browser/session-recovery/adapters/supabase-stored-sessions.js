// @ts-check
/** @import { Clock, SupabaseStorageLike } from '../../session-recovery.js' */
/** @import { StoredSession } from './supabase-session.js' */
import { sleep } from '../async.js';
import { readStoredSession } from './supabase-session.js';

const SAVE_TIMEOUT_MS = 1_000;
const SAVE_POLL_MS = 10;
const PROPAGATION_MS = 100;

/** Reads the sessions from a storage that the clients of all tabs share. */
export class StoredSessions {
  #storage;
  #clock;

  /**
   * Creates an object that reads the sessions that Supabase clients have stored.
   * @param {Pick<SupabaseStorageLike, 'getItem'> | null} storage
   * @param {Clock} clock
   */
  constructor(storage, clock) {
    this.#storage = storage;
    this.#clock = clock;
  }

  /**
   * Reads the session that a client has stored.
   *
   * @param {string} key
   * @returns {Promise<StoredSession | null | undefined>} undefined if the storage cannot be read
   */
  async read(key) {
    try {
      return await readStoredSession(this.#storage, key);
    } catch {
      return undefined;
    }
  }

  /**
   * Waits until the client has stored its new session and the other tabs can read it.
   *
   * @param {string} key
   * @param {string | null} usedToken the refresh token of the old session; null if the client stores no new session
   */
  async waitForPropagation(key, usedToken) {
    const latest = this.#clock.now() + SAVE_TIMEOUT_MS;
    while (usedToken !== null && this.#clock.now() < latest && (await this.read(key))?.refresh_token === usedToken) {
      await sleep(this.#clock, SAVE_POLL_MS);
    }

    await sleep(this.#clock, PROPAGATION_MS);
  }
}
