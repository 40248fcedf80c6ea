// @ts-check
/** @import { AdapterChange, RefreshResult, SupabaseAdapterOptions, SupabaseClientLike, SupabaseStorageLike } from '../../session-recovery.js' */
/** @import { SupabaseAdapter as PublicSupabaseAdapter } from '../../session-recovery.js' */
/** @import { RefreshFailure, SupabaseSession } from './supabase-session.js' */
import { Emitter } from '../emitter.js';
import { RefreshGuard } from './supabase-refresh-guard.js';
import { isRenewed, readStoredSession, toFailure, toSession } from './supabase-session.js';

/**
 * @typedef {object} ClientInternals what the adapter uses of the client besides its documented methods
 * @property {SupabaseStorageLike | null} [storage]
 * @property {string} [storageKey]
 * @property {typeof fetch} [fetch]
 * @property {{ signOut?: (token: string, scope: 'local') => Promise<unknown> }} [admin]
 */

/**
 * Follows a client of `@supabase/supabase-js`, which keeps signing in, storing and refreshing the session.
 *
 * @implements {PublicSupabaseAdapter}
 */
class SupabaseAdapter {
  #auth;
  #storage;
  #storageKey;

  /** @type {RefreshGuard | null} null if the client does not expose its `fetch` */
  #guard = null;

  /** @type {Emitter<[change: { readonly reason?: AdapterChange }]>} */
  #changed = new Emitter();

  /** @type {{ unsubscribe(): void } | null} */
  #subscription = null;

  /** @type {Promise<RefreshResult> | null} the running refresh */
  #refreshing = null;

  /** @type {RefreshFailure | null} the guard's failure before the running refresh */
  #failureBefore = null;

  /** @type {SupabaseSession | null} the session that `getAccessToken` returned last */
  #seen = null;

  /** @type {string | null} the refresh token of a session that ended here; a copy of that session is ignored */
  #endedToken = null;

  /**
   * @param {SupabaseClientLike} client
   * @param {SupabaseAdapterOptions} options
   */
  constructor(client, { storage, storageKey, environment }) {
    this.#auth = /** @type {SupabaseClientLike['auth'] & ClientInternals} */ (client.auth);
    this.#storage = storage ?? this.#auth.storage ?? null;
    this.#storageKey = storageKey ?? this.#auth.storageKey ?? null;
    if (typeof this.#auth.fetch === 'function') {
      const options = { fetch: this.#auth.fetch, storage: this.#storage, storageKey: this.#storageKey };
      this.#guard = new RefreshGuard(environment === undefined ? options : { ...options, environment });
      this.#auth.fetch = this.#guard.fetch;
    }
  }

  async getAccessToken() {
    const session = await this.#readSession();
    if (session === null || session.refreshToken === this.#endedToken) {
      return null;
    }

    this.#seen = session;
    return { token: session.token, expiresAt: session.expiresAt };
  }

  /**
   * @param {{ readonly token: string | null }} [stale]
   * @returns {Promise<RefreshResult>}
   */
  async refresh(stale) {
    const failure = this.#guard?.failure ?? null;
    if (this.#refreshing === null) {
      this.#failureBefore = failure;
    } else if (failure !== null && failure !== this.#failureBefore) {
      // The client waits between two of its attempts.
      return toRefreshResult(failure);
    }

    this.#refreshing ??= this.#refresh(stale?.token ?? null)
      .catch(() => /** @type {RefreshResult} */ ({ outcome: 'unavailable', reason: 'adapter_failed' }))
      .finally(() => {
        this.#refreshing = null;
      });
    return this.#raceFirstFailure(this.#refreshing);
  }

  /** @type {PublicSupabaseAdapter['onChange']} */
  onChange(listener) {
    const unsubscribe = this.#changed.subscribe(listener);

    // The handler must not wait for the client: older releases hold their lock while they report a change.
    this.#subscription ??= this.#auth.onAuthStateChange((event, session) => this.#handleAuthChange(event, session)).data.subscription;
    return () => {
      unsubscribe();
      if (this.#changed.isEmpty) {
        this.#subscription?.unsubscribe();
        this.#subscription = null;
      }
    };
  }

  async signOut() {
    const session = await this.#readSession();
    if (session === null) {
      return;
    }

    this.#endedToken = session.refreshToken;
    const removed = this.#removeSession(session);
    const revoked = this.#storageKey !== null ? this.#auth.admin?.signOut?.(session.token, 'local') : null;
    await Promise.allSettled([removed, revoked]);
  }

  /**
   * @param {string | null} stale
   * @returns {Promise<RefreshResult>}
   */
  async #refresh(stale) {
    const before = await this.#readSession();
    if (before === null || before.refreshToken === this.#endedToken) {
      return { outcome: 'refused', reason: 'no_session' };
    }

    if (this.#isAlreadyRenewed(stale, before)) {
      return { outcome: 'refreshed', reason: 'already' };
    }

    this.#guard?.expectRefresh(before.refreshToken);

    // `getSession` waits for the client's start and renews an expired session, so calling only `refreshSession` would renew it
    // twice. `refreshSession` renews a session that the client takes for valid. It names the session, so that the guard notices
    // if another tab has renewed it meanwhile.
    return await this.#tryStep(before, () => this.#auth.getSession())
      ?? await this.#tryStep(before, () => this.#auth.refreshSession({ refresh_token: before.refreshToken }))
      ?? { outcome: 'unavailable', reason: 'unchanged' };
  }

  /**
   * Calls the client, and compares its session with the one before.
   *
   * @param {SupabaseSession} before
   * @param {() => Promise<{ error: unknown }>} call
   * @returns {Promise<RefreshResult | null>} null if the session is unchanged and the call has not failed
   */
  async #tryStep(before, call) {
    const error = await getError(call);
    const present = await this.#readSession();
    if (present !== null && present.user === before.user && isRenewed(before, present)) {
      return { outcome: 'refreshed', reason: 'refreshed' };
    }

    const failure = this.#guard?.failure?.token === before.refreshToken ? this.#guard.failure : toFailure(error);
    if (failure?.isFinal && (present === null || present.refreshToken === before.refreshToken)) {
      await this.#refuse(before, present);
      return toRefreshResult(failure);
    }

    if (present?.refreshToken !== before.refreshToken) {
      return { outcome: 'unavailable', reason: 'superseded' };
    }

    if (error) {
      return failure === null ? { outcome: 'unavailable', reason: 'adapter_failed' } : toRefreshResult(failure);
    }

    return null;
  }

  /**
   * Waits for the refresh, or for its first transient failure: the client itself retries for half a minute.
   *
   * @param {Promise<RefreshResult>} refreshing
   * @returns {Promise<RefreshResult>}
   */
  async #raceFirstFailure(refreshing) {
    let unsubscribe;
    /** @type {Promise<RefreshResult>} */
    const firstFailure = new Promise((resolve) => {
      unsubscribe = this.#guard?.failed.subscribe((failure) => {
        if (!failure.isFinal) {
          resolve(toRefreshResult(failure));
        }
      });
    });
    try {
      return await Promise.race([refreshing, firstFailure]);
    } finally {
      /** @type {(() => void) | undefined} */ (unsubscribe)?.();
    }
  }

  /**
   * @param {string | null} stale
   * @param {SupabaseSession} present
   */
  #isAlreadyRenewed(stale, present) {
    if (stale === null) {
      return false;
    }

    return this.#seen !== null && stale === this.#seen.token ? isRenewed(this.#seen, present) : stale !== present.token;
  }

  /**
   * Reads the session from the client's storage if possible, because calling the client could start or await a refresh.
   *
   * @returns {Promise<SupabaseSession | null>}
   */
  async #readSession() {
    if (typeof this.#storage?.getItem !== 'function' || this.#storageKey === null) {
      const { data, error } = await this.#auth.getSession();
      if (error) {
        throw error;
      }

      return toSession(data.session);
    }

    return toSession(await readStoredSession(this.#storage, this.#storageKey));
  }

  /**
   * Ends a session that Supabase Auth rejected for good.
   *
   * @param {SupabaseSession} session
   * @param {SupabaseSession | null} present
   */
  async #refuse(session, present) {
    if (this.#endedToken === session.refreshToken) {
      return;
    }

    this.#endedToken = session.refreshToken;
    this.#changed.emit({ reason: 'refused' });
    if (present !== null) {
      // The client keeps a session whose access token has not expired yet.
      await this.#removeSession(session);
    }
  }

  /**
   * Removes the session from the client, which then notifies its own listeners.
   *
   * @param {SupabaseSession} session
   */
  async #removeSession(session) {
    if (typeof this.#storage?.removeItem === 'function' && this.#storageKey !== null) {
      if ((await this.#readSession())?.refreshToken !== session.refreshToken) {
        return;
      }

      await this.#storage.removeItem(this.#storageKey);
    }

    await getError(() => this.#auth.signOut({ scope: 'local' }));
  }

  /**
   * @param {string} event
   * @param {unknown} given
   */
  #handleAuthChange(event, given) {
    const session = toSession(given);
    if (event === 'SIGNED_OUT') {
      this.#handleSignedOut();
    } else if (session !== null) {
      // A client also emits SIGNED_IN for its present session whenever the page becomes visible.
      const isNew = session.user !== this.#seen?.user || session.refreshToken !== this.#seen?.refreshToken;
      const isSignIn = isNew && (event === 'SIGNED_IN' || event === 'PASSWORD_RECOVERY') && session.refreshToken !== this.#endedToken;
      this.#changed.emit({ reason: isSignIn ? 'signed_in' : 'refreshed' });
    } else {
      this.#changed.emit({});
    }
  }

  #handleSignedOut() {
    const failure = this.#guard?.failure;
    const refusedToken = failure?.isFinal && failure.token === this.#seen?.refreshToken ? failure.token : undefined;
    if (refusedToken !== undefined && this.#endedToken !== refusedToken) {
      this.#endedToken = refusedToken;
      this.#changed.emit({ reason: 'refused' });
    } else {
      this.#changed.emit({ reason: 'signed_out' });
    }
  }
}

/**
 * @param {RefreshFailure} failure
 * @returns {RefreshResult}
 */
function toRefreshResult({ isFinal, reason }) {
  return { outcome: isFinal ? 'refused' : 'unavailable', reason };
}

/**
 * Gets the error of a call of the client, which is returned, or thrown if the client is configured so.
 *
 * @param {() => Promise<{ error: unknown } | undefined>} call
 * @returns {Promise<unknown>}
 */
async function getError(call) {
  try {
    return (await call())?.error ?? null;
  } catch (error) {
    return error ?? new Error('The client failed.');
  }
}

/**
 * Creates an adapter for a client of `@supabase/supabase-js`.
 *
 * @param {SupabaseClientLike} client
 * @param {SupabaseAdapterOptions} [options]
 * @returns {PublicSupabaseAdapter}
 */
export function supabaseAdapter(client, options = {}) {
  return new SupabaseAdapter(client, options);
}
