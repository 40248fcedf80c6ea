// @ts-check
/** @import { AdapterNotice, RefreshResult, SupabaseAdapterOptions, SupabaseClientLike } from '../../session-recovery.js' */
/** @import { SupabaseAdapter as PublicSupabaseAdapter } from '../../session-recovery.js' */
/** @import { RefreshFailure, SupabaseSession } from './supabase-session.js' */
import { Emitter } from '../emitter.js';
import { SupabaseClient, getError } from './supabase-client.js';
import { isRenewed, toFailure, toSession } from './supabase-session.js';

/**
 * Observes the session of a client of `@supabase/supabase-js`. The client signs users in, and stores and refreshes the session.
 *
 * @implements {PublicSupabaseAdapter}
 */
export class SupabaseAdapter {
  #client;
  #guard;

  /** @type {Emitter<[change: Partial<AdapterNotice>]>} */
  #changed = new Emitter();

  /** @type {{ unsubscribe(): void } | null} */
  #subscription = null;

  /** @type {Promise<RefreshResult> | null} the running refresh */
  #refreshing = null;

  /** @type {RefreshFailure | null} the failure that the guard had recorded before the current refresh began */
  #failureBefore = null;

  /** @type {SupabaseSession | null} the session that `getAccessToken` returned last */
  #seen = null;

  /** @type {string | null} the refresh token of a session that ended in this tab; a copy of that session is ignored */
  #endedToken = null;

  /**
   * Creates the adapter of a Supabase client.
   * @param {SupabaseClientLike} client
   * @param {SupabaseAdapterOptions} options
   */
  constructor(client, options) {
    this.#client = new SupabaseClient(client, options);
    this.#guard = this.#client.createGuard(options.environment);
  }

  async getAccessToken() {
    const session = await this.#client.readSession();
    if (session === null || session.refreshToken === this.#endedToken) {
      return null;
    }

    this.#seen = session;
    return { token: session.token, expiresAt: session.expiresAt };
  }

  /**
   * Refreshes the session. Concurrent callers share one refresh.
   *
   * @param {{ readonly token: string | null }} [stale]
   * @returns {Promise<RefreshResult>}
   */
  async refresh(stale) {
    const failure = this.#guard?.failure ?? null;
    if (this.#refreshing === null) {
      this.#failureBefore = failure;
    } else if (failure !== null && failure !== this.#failureBefore) {
      // A refresh is running, and the guard has recorded a new failure. The first attempt of the client has therefore failed, and the
      // client waits before its next attempt.
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

    // The handler must not wait for a call of the client, because older releases of the client hold their lock while they call this
    // handler.
    this.#subscription ??= this.#client.auth
      .onAuthStateChange((event, session) => this.#handleAuthChange(event, session)).data.subscription;
    return () => {
      unsubscribe();
      if (this.#changed.isEmpty) {
        this.#subscription?.unsubscribe();
        this.#subscription = null;
      }
    };
  }

  async signOut() {
    const session = await this.#client.readSession();
    if (session === null) {
      return;
    }

    this.#endedToken = session.refreshToken;
    const removed = this.#client.removeSession(session);
    await Promise.allSettled([removed, this.#client.revoke(session)]);
  }

  /**
   * Refreshes the session through the client, unless it has already been refreshed.
   *
   * @param {string | null} stale
   * @returns {Promise<RefreshResult>}
   */
  async #refresh(stale) {
    const before = await this.#client.readSession();
    if (before === null || before.refreshToken === this.#endedToken) {
      return { outcome: 'refused', reason: 'no_session' };
    }

    if (this.#isAlreadyRenewed(stale, before)) {
      return { outcome: 'refreshed', reason: 'already' };
    }

    this.#guard?.expectRefresh(before.refreshToken);

    // `getSession` waits until the client has started, and refreshes an expired session. `refreshSession` is called only if the client
    // considers the session valid, because both calls together would refresh an expired session twice. `refreshSession` receives the
    // refresh token, so that the guard detects whether another tab has refreshed the session in the meantime.
    return await this.#tryStep(before, () => this.#client.auth.getSession())
      ?? await this.#tryStep(before, () => this.#client.auth.refreshSession({ refresh_token: before.refreshToken }))
      ?? { outcome: 'unavailable', reason: 'unchanged' };
  }

  /**
   * Calls the client, and compares the client's session with the session before the call.
   *
   * @param {SupabaseSession} before
   * @param {() => Promise<{ error: unknown }>} call
   * @returns {Promise<RefreshResult | null>} null if the session is unchanged and the call has not failed
   */
  async #tryStep(before, call) {
    const error = await getError(call);
    const present = await this.#client.readSession();
    if (present !== null && present.user === before.user && isRenewed(before, present)) {
      return { outcome: 'refreshed', reason: 'refreshed' };
    }

    const failure = this.#guard?.failure?.token === before.refreshToken ? this.#guard.failure : toFailure(error);
    if (failure?.isFinal && (present === null || present.refreshToken === before.refreshToken)) {
      await this.#refuse(before, present, failure.reason);
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
   * Waits until the refresh has ended or one attempt of the client has failed with a transient error. After a transient error, the client
   * continues to retry for half a minute, and the caller does not wait for these retries.
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
   * Returns whether the client has already replaced the stale token.
   *
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
   * Ends a session that Supabase Auth rejected permanently.
   *
   * @param {SupabaseSession} session
   * @param {SupabaseSession | null} present
   * @param {string} cause
   */
  async #refuse(session, present, cause) {
    if (this.#endedToken === session.refreshToken) {
      return;
    }

    this.#endedToken = session.refreshToken;
    this.#changed.emit({ reason: 'refused', cause });
    if (present !== null) {
      // The adapter removes the session from the client, because the client would keep the session until the access token expires.
      await this.#client.removeSession(session);
    }
  }

  /**
   * Handles an event of the client by reporting a change to the session.
   *
   * @param {string} event
   * @param {unknown} given
   */
  #handleAuthChange(event, given) {
    const session = toSession(given);
    if (event === 'SIGNED_OUT') {
      this.#handleSignedOut();
    } else if (session !== null) {
      // The event SIGNED_IN does not always report a new sign-in: the client also emits it for the current session when the page becomes
      // visible.
      const isNew = session.user !== this.#seen?.user || session.refreshToken !== this.#seen?.refreshToken;
      const isSignIn = isNew && (event === 'SIGNED_IN' || event === 'PASSWORD_RECOVERY') && session.refreshToken !== this.#endedToken;
      this.#changed.emit({ reason: isSignIn ? 'signed_in' : 'refreshed' });
    } else {
      this.#changed.emit({});
    }
  }

  #handleSignedOut() {
    const failure = this.#guard?.failure;
    const isRefusal = failure?.isFinal && failure.token !== undefined && failure.token === this.#seen?.refreshToken;
    if (isRefusal && failure.token !== this.#endedToken) {
      this.#endedToken = failure.token ?? null;
      this.#changed.emit({ reason: 'refused', cause: failure.reason });
    } else {
      this.#changed.emit({ reason: 'signed_out' });
    }
  }
}

/**
 * Converts the failure of a refresh into the result that the session receives.
 *
 * @param {RefreshFailure} failure
 * @returns {RefreshResult}
 */
function toRefreshResult({ isFinal, reason }) {
  return { outcome: isFinal ? 'refused' : 'unavailable', reason };
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
