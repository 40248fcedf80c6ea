// @ts-check
/** @import { Environment, SupabaseAdapterOptions, SupabaseClientLike, SupabaseStorageLike } from '../../session-recovery.js' */
/** @import { SupabaseSession } from './supabase-session.js' */
import { RefreshGuard } from './supabase-refresh-guard.js';
import { readStoredSession, toSession } from './supabase-session.js';

/**
 * @typedef {object} ClientInternals the undocumented members of the client that the adapter uses
 * @property {SupabaseStorageLike | null} [storage]
 * @property {string} [storageKey]
 * @property {typeof fetch} [fetch]
 * @property {{ signOut?: (token: string, scope: 'local') => Promise<unknown> }} [admin]
 */

/** Reads and ends the session of a client of `@supabase/supabase-js`. */
export class SupabaseClient {
  #storage;
  #storageKey;

  /**
   * Wraps a Supabase client.
   * @param {SupabaseClientLike} client
   * @param {SupabaseAdapterOptions} options
   */
  constructor(client, { storage, storageKey }) {
    this.auth = /** @type {SupabaseClientLike['auth'] & ClientInternals} */ (client.auth);
    this.#storage = storage ?? this.auth.storage ?? null;
    this.#storageKey = storageKey ?? this.auth.storageKey ?? null;
  }

  /**
   * Replaces the client's `fetch` with a refresh guard.
   *
   * @param {Partial<Environment> | undefined} environment
   * @returns {RefreshGuard | null} null if the client does not expose its `fetch`
   */
  createGuard(environment) {
    if (typeof this.auth.fetch !== 'function') {
      return null;
    }

    const options = { fetch: this.auth.fetch, storage: this.#storage, storageKey: this.#storageKey };
    const guard = new RefreshGuard(environment === undefined ? options : { ...options, environment });
    this.auth.fetch = guard.fetch;
    return guard;
  }

  /**
   * Reads the session from the client's storage if possible. A call of the client could start a refresh or wait for a running refresh.
   *
   * @returns {Promise<SupabaseSession | null>}
   */
  async readSession() {
    if (typeof this.#storage?.getItem !== 'function' || this.#storageKey === null) {
      const { data, error } = await this.auth.getSession();
      if (error) {
        throw error;
      }

      return toSession(data.session);
    }

    return toSession(await readStoredSession(this.#storage, this.#storageKey));
  }

  /**
   * Removes the session from the client. The client notifies its own listeners of the removal.
   *
   * @param {SupabaseSession} session
   */
  async removeSession(session) {
    if (typeof this.#storage?.removeItem === 'function' && this.#storageKey !== null) {
      if ((await this.readSession())?.refreshToken !== session.refreshToken) {
        return;
      }

      await this.#storage.removeItem(this.#storageKey);
    }

    await getError(() => this.auth.signOut({ scope: 'local' }));
  }

  /**
   * Revokes the session at Supabase Auth, if this release of the client has a method for it.
   *
   * @param {SupabaseSession} session
   */
  async revoke({ token }) {
    if (this.#storageKey !== null) {
      await this.auth.admin?.signOut?.(token, 'local');
    }
  }
}

/**
 * Calls the client and returns its error, or null. Depending on its configuration, the client returns the error or throws it.
 *
 * @param {() => Promise<{ error: unknown } | undefined>} call
 * @returns {Promise<unknown>}
 */
export async function getError(call) {
  try {
    return (await call())?.error ?? null;
  } catch (error) {
    return error ?? new Error('The client failed.');
  }
}
