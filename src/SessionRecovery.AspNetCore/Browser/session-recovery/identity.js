// @ts-check
/** @import { AdapterNotice } from '../session-recovery.js' */
/** @import { RefreshOutcome } from './adapter-calls.js' */
/** @import { SessionStatus } from './session-status.js' */
/** @import { Settings } from './settings.js' */
/** @import { UserIdentity } from './tokens.js' */
import { AdapterCalls } from './adapter-calls.js';
import { Emitter } from './emitter.js';
import { SessionScope } from './session-scope.js';
import { ANONYMOUS } from './tokens.js';

/** Reads the signed-in user and the token from the adapter, and replaces the user scope when the user changes. */
export class Identity {
  #settings;
  #status;
  #calls;

  /** @type {Promise<Readonly<UserIdentity>> | null} the latest call of the adapter; null if no call is running */
  #identifying = null;
  #startedCalls = 0;
  #appliedCalls = 0;

  /** @type {SessionScope | null} the user scope whose token is being refreshed */
  #refreshingScope = null;

  /** @type {{ token: string | null, isRefreshing: boolean } | null} the session that ended in this page, whose token is ignored */
  #ended = null;

  /**
   * @type {Emitter<[change: 'signed_in' | 'token_changed']>} emitted when a user has signed in, and when the user has a new token while the
   * session is not ready
   */
  changed = new Emitter();

  /**
   * Creates the object that tracks the signed-in user of a session.
   *
   * @param {Settings} settings
   * @param {SessionStatus} status
   */
  constructor(settings, status) {
    this.#settings = settings;
    this.#status = status;
    this.#calls = new AdapterCalls(settings);
  }

  /** Gets a value that indicates whether `signOut` ended the session and no new session has begun. */
  get isEnded() {
    return this.#ended !== null;
  }

  /** Allows the user who signed out to begin a new session, after the page has reported a sign-in. */
  allowSignIn() {
    this.#ended = null;
  }

  /**
   * Calls the adapter and applies the result. If two calls run concurrently, the result of the call that started later is applied.
   *
   * @param {AdapterNotice | null} [change] the change that the adapter reported, if the change caused the call
   * @returns {Promise<Readonly<UserIdentity>>} rejects when the adapter fails or does not respond in time
   */
  identify(change = null) {
    const call = ++this.#startedCalls;
    const pending = this.#calls.readIdentity().then((identity) => {
      if (call > this.#appliedCalls) {
        this.#appliedCalls = call;
        this.#apply(identity, change);
      }

      return this.#status.scope.identity;
    }).finally(() => {
      if (this.#identifying === pending) {
        this.#identifying = null;
      }
    });
    this.#identifying = pending;
    return pending;
  }

  /** Calls the adapter for a request of the page. If the adapter fails, the current user is used. */
  async identifyForRequest() {
    try {
      return await this.identify();
    } catch {
      return this.#status.scope.identity;
    }
  }

  /** @param {AdapterNotice | undefined} change */
  async handleAdapterChange(change) {
    const { token } = this.#status.scope.identity;
    try {
      await this.identify(change ?? null);
    } catch {
      return;
    }

    // Another tab may have refreshed the token, and the session may be healthy with the new token.
    const { state } = this.#status;
    if ((state === 'suspect' || state === 'offline') && this.#status.scope.identity.token !== token) {
      this.changed.emit('token_changed');
    }
  }

  /**
   * Returns whether the user scope has ended. If a call to the adapter is running, the function first waits for the result of the call,
   * because that result may end the scope.
   *
   * @param {SessionScope} scope
   */
  async hasEnded(scope) {
    await this.#identifying?.catch(() => {});
    return scope.isEnded;
  }

  /** @param {Readonly<UserIdentity>} identity */
  isExpired({ expiresAt }) {
    const { isClockUnreliable } = this.#status.scope;
    return !isClockUnreliable && expiresAt !== null && expiresAt <= this.#settings.environment.clock.wallNow();
  }

  /**
   * Refreshes the token of a user scope.
   *
   * @param {SessionScope} scope
   * @param {string | null} token the token that expired or was rejected
   * @returns {Promise<RefreshOutcome>} never rejects
   */
  async refresh(scope, token) {
    this.#refreshingScope = scope;
    let result = await this.#calls.refresh(token, scope.signal);
    if (result.outcome === 'refreshed' && !scope.isEnded) {
      try {
        await this.identify();
        this.#status.scope.isClockUnreliable = result.reason !== 'already' && this.isExpired(this.#status.scope.identity);
      } catch {
        result = { outcome: 'unavailable', reason: 'adapter_failed' };
      }
    }

    if (this.#refreshingScope === scope) {
      this.#refreshingScope = null;
    }

    await this.#ignoreRefreshedToken(scope);
    return result;
  }

  /**
   * Ends the session after the user signed out.
   *
   * @returns {Promise<string | null>} the token of the ended session
   */
  async signOut() {
    // The function waits for the first call to the adapter, which returns the user whose session ends.
    await this.#identifying?.catch(() => {});
    const { token } = this.#status.scope.identity;
    this.#replace('session_ended', 'signed_out');
    this.#ended = { token, isRefreshing: this.#refreshingScope !== null };
    return token;
  }

  /**
   * Ends the session after the server rejected it permanently. The token of the session is ignored from now on, even if the adapter keeps
   * the token.
   *
   * @param {'session_ended' | 'session_refused'} input
   * @param {string} reason
   */
  end(input, reason) {
    const { token } = this.#status.scope.identity;
    this.#replace(input, reason);
    if (token !== null) {
      this.#ended = { token, isRefreshing: false };
    }
  }

  /**
   * Removes the user's data and continues with a scope without a user.
   *
   * @param {'session_ended' | 'session_refused'} input
   * @param {string} reason
   */
  #replace(input, reason) {
    this.#status.scope.balance.erase();
    this.#status.replaceScope(new SessionScope(this.#settings, ANONYMOUS));
    this.#status.apply(input, reason);
    this.#status.publish();
  }

  /**
   * Applies the user that the adapter returned, and replaces the user scope if the user has changed.
   *
   * @param {Readonly<UserIdentity>} identity the user that the adapter returned
   * @param {AdapterNotice | null} change
   */
  #apply(identity, change) {
    if (this.#status.isDisposed || this.#settings.usesCookies) {
      return;
    }

    if (change?.reason === 'signed_in') {
      this.#ended = null;
    }

    const { scope } = this.#status;
    if (identity.token === null || this.#isOfEndedSession(identity)) {
      if (scope.identity.token !== null || this.#status.state === 'starting') {
        const isRefused = change?.reason === 'refused';
        this.#replace(isRefused ? 'session_refused' : 'session_ended', isRefused ? change?.cause ?? 'refused' : 'no_session');
      }
    } else if (this.#isSameUser(scope.identity, identity)) {
      scope.identity = identity;
    } else {
      this.#begin(identity);
    }
  }

  // The adapter still returns the token of the ended session, or a token from a refresh that was running when the session ended.
  /** @param {Readonly<UserIdentity>} identity */
  #isOfEndedSession({ token }) {
    return this.#ended !== null && (this.#ended.isRefreshing || token === this.#ended.token);
  }

  /**
   * Returns whether two identities belong to the same user.
   *
   * @param {Readonly<UserIdentity>} before
   * @param {Readonly<UserIdentity>} now
   */
  #isSameUser(before, now) {
    if (before.token === null || before.token === now.token) {
      return before.token !== null;
    }

    // If the user key is unknown, a new token belongs to the same user only if this session itself refreshed the token.
    return now.userKey === null || before.userKey === null
      ? this.#refreshingScope === this.#status.scope
      : now.userKey === before.userKey;
  }

  /** @param {Readonly<UserIdentity>} identity */
  #begin(identity) {
    if (this.#status.scope.identity.token !== null) {
      this.#status.scope.balance.erase();
    }

    this.#status.replaceScope(new SessionScope(this.#settings, identity));
    this.#status.apply('session_began', 'sign_in');
    this.#status.publish();
    this.#ended = null;
    this.changed.emit('signed_in');
  }

  /**
   * Handles a sign-out during a refresh. The adapter's current token belongs to the ended session and is ignored from now on.
   *
   * @param {SessionScope} scope
   */
  async #ignoreRefreshedToken(scope) {
    if (!this.#ended?.isRefreshing || !scope.isEnded) {
      return;
    }

    const present = await this.#calls.readIdentity().catch(() => ANONYMOUS);
    this.#ended = this.#ended && { token: present.token ?? this.#ended.token, isRefreshing: false };
  }
}
