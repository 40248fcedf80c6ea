// @ts-check
/** @import { CheckReason, CheckResult } from '../session-recovery.js' */
/** @import { Health } from './health.js' */
/** @import { SignInPage } from './http.js' */
/** @import { Identity } from './identity.js' */
/** @import { Recovery, RecoveryResult } from './recovery.js' */
/** @import { SessionScope } from './session-scope.js' */
/** @import { SessionStatus } from './session-status.js' */
/** @import { Settings } from './settings.js' */
/** @import { UserIdentity } from './tokens.js' */
import { Emitter } from './emitter.js';
import { addJitter, getExponentialDelay } from './retry.js';

/** @typedef {Pick<CheckResult, 'status'>} CheckOutcome */

/**
 * Applies the result of a check to the session. The class changes the state, starts a recovery if the session is unhealthy, and schedules
 * the next check after an inconclusive result.
 */
export class CheckResults {
  #settings;
  #status;
  #identity;
  #recovery;

  /** @type {Emitter<[reason: CheckReason]>} emitted when a check has found the session healthy */
  healthy = new Emitter();

  /** @type {Emitter<[reason: CheckReason]>} the next check is due */
  due = new Emitter();

  /**
   * Creates the object that applies the results of checks to a session.
   * @param {Settings} settings
   * @param {SessionStatus} status
   * @param {Identity} identity
   * @param {Recovery} recovery
   */
  constructor(settings, status, identity, recovery) {
    this.#settings = settings;
    this.#status = status;
    this.#identity = identity;
    this.#recovery = recovery;
  }

  get #now() {
    return this.#settings.environment.clock.now();
  }

  /**
   * Applies the health that a check has found to the session.
   *
   * @param {SessionScope} scope
   * @param {Health} health
   * @param {Readonly<UserIdentity>} identity
   * @param {CheckReason} reason
   * @returns {Promise<CheckOutcome> | CheckOutcome}
   */
  applyHealth(scope, health, identity, reason) {
    if (health.status === 'healthy') {
      return this.#markHealthy(scope, reason);
    }

    if (health.status === 'unreachable') {
      return this.#markOffline(scope, reason, health.retryAfterMs);
    }

    if (health.status === 'inconclusive') {
      return this.markSuspect(health.reason, reason, health.retryAfterMs, health.signInPage);
    }

    if (health.isWithoutUser || (this.#settings.usesCookies && health.isRejected)) {
      return this.#endSession(scope, health);
    }

    const trigger = health.isRejected && reason === 'other' ? 'token_refused' : reason;
    return this.startRecovery(scope, trigger, identity, health.needsRefresh && !this.#settings.usesCookies);
  }

  /**
   * Ends a session that the page cannot refresh. If the host uses cookies and the visitor never signed in, there was no session, so no lost
   * session is reported.
   *
   * @param {SessionScope} scope
   * @param {Health} health
   * @returns {CheckOutcome}
   */
  #endSession(scope, { isWithoutUser, reason }) {
    const isVisitor = this.#settings.usesCookies && !scope.hasBeenReady;
    this.#identity.end(isVisitor ? 'session_ended' : 'session_refused', isVisitor && !isWithoutUser ? 'no_session' : reason);
    return { status: 'signed_out' };
  }

  /**
   * Changes the state of the session to `ready` after a healthy check.
   *
   * @param {SessionScope} scope
   * @param {CheckReason} reason
   * @returns {CheckOutcome}
   */
  #markHealthy(scope, reason) {
    scope.cooldown.resetGrowth();
    if (this.#status.state === 'signed_out') {
      // The user has signed in with a cookie. The page detects such a sign-in only from the response of the server.
      this.#status.apply('session_began', reason);
    }

    this.#status.apply('check_healthy', 'healthy');
    this.#status.setSignInPage(null);
    this.healthy.emit(reason);
    return { status: 'healthy' };
  }

  /**
   * Changes the state of the session to `offline`, and schedules the next check.
   *
   * @param {SessionScope} scope
   * @param {CheckReason} reason
   * @param {number} [atLeastMs]
   * @returns {CheckOutcome}
   */
  #markOffline(scope, reason, atLeastMs = 0) {
    this.#status.apply('unreachable', 'unreachable');
    this.#status.setSignInPage(null);
    scope.noCheckBefore = this.#now + atLeastMs;
    this.#schedule(Math.max(scope.delays.next(this.#now), atLeastMs), reason);
    return { status: 'unreachable' };
  }

  /**
   * Changes the state of the session to `suspect`, and schedules the next check.
   *
   * @param {string} cause
   * @param {CheckReason} reason
   * @param {number} atLeastMs
   * @param {SignInPage | null} [signInPage]
   * @returns {CheckOutcome}
   */
  markSuspect(cause, reason, atLeastMs, signInPage = null) {
    const { environment, timings } = this.#settings;
    this.#status.apply(this.#status.state === 'recovering' ? 'recovery_failed' : 'check_inconclusive', cause);
    this.#status.setSignInPage(signInPage);
    const delay = getExponentialDelay(timings.answeredRetryMs, this.#status.scope.inconclusiveChecks++, timings.maxRetryAfterMs);
    this.#schedule(Math.max(addJitter(delay, environment.random), atLeastMs), reason);
    return { status: 'inconclusive' };
  }

  /**
   * Starts a recovery of the session. During the cooldown, the function starts no recovery, and schedules a check for the end of the
   * cooldown.
   *
   * @param {SessionScope} scope
   * @param {CheckReason} trigger
   * @param {Readonly<UserIdentity>} identity
   * @param {boolean} needsRefresh
   * @returns {Promise<CheckOutcome> | CheckOutcome}
   */
  startRecovery(scope, trigger, identity, needsRefresh) {
    const remaining = scope.cooldown.getRemaining(this.#now);
    return remaining > 0 ? this.#defer(scope, trigger, remaining) : this.#recover(scope, trigger, identity, needsRefresh, false);
  }

  /**
   * Refreshes an expired token. The expiry of a token does not mean that the session is unhealthy, so a cooldown starts only if the refresh
   * fails.
   *
   * @param {SessionScope} scope
   * @param {Readonly<UserIdentity>} identity
   * @returns {Promise<CheckOutcome> | CheckOutcome}
   */
  renewToken(scope, identity) {
    const remaining = scope.hasRenewalFailed ? scope.cooldown.getRemaining(this.#now) : 0;
    return remaining > 0 ? this.#defer(scope, 'token_expired', remaining) : this.#recover(scope, 'token_expired', identity, true, true);
  }

  /**
   * Schedules a check for the end of the cooldown.
   *
   * @param {SessionScope} scope
   * @param {CheckReason} trigger
   * @param {number} milliseconds
   * @returns {CheckOutcome}
   */
  #defer(scope, trigger, milliseconds) {
    this.#status.apply('recovery_deferred', 'cooldown');
    this.#schedule(milliseconds, trigger);
    return { status: scope.lastRecovery ?? 'unhealthy' };
  }

  /**
   * Runs a recovery, or a refresh of an expired token, and applies the result.
   *
   * @param {SessionScope} scope
   * @param {CheckReason} trigger
   * @param {Readonly<UserIdentity>} identity
   * @param {boolean} needsRefresh
   * @param {boolean} isRenewal
   * @returns {Promise<CheckOutcome>}
   */
  async #recover(scope, trigger, identity, needsRefresh, isRenewal) {
    this.#status.apply('check_unhealthy', trigger);
    const result = await this.#recovery.run(scope, trigger, identity, needsRefresh);
    if (isRenewal && result.status !== 'superseded') {
      scope.hasRenewalFailed = scope.identity.token === identity.token;
    }

    return this.#applyRecovery(scope, result, trigger, isRenewal);
  }

  /**
   * Applies the result of a recovery to the session.
   *
   * @param {SessionScope} scope
   * @param {RecoveryResult} result
   * @param {CheckReason} trigger
   * @param {boolean} isRenewal
   * @returns {CheckOutcome}
   */
  #applyRecovery(scope, { status, reason, retryAfterMs, signInPage }, trigger, isRenewal) {
    switch (status) {
      case 'superseded':
        return { status };
      case 'refused':
        this.#identity.end('session_refused', reason);
        return { status: 'signed_out' };
      case 'unreachable':
        // The server did not run a recovery, so no cooldown starts.
        return this.#markOffline(scope, trigger, retryAfterMs);
      case 'inconclusive':
        return this.markSuspect(reason, trigger, retryAfterMs, signInPage);
      case 'recovered':
        scope.lastRecovery = status;
        if (!isRenewal || scope.hasRenewalFailed) {
          scope.cooldown.start(this.#now, retryAfterMs);
        }

        this.#status.apply('recovery_succeeded', 'recovered');
        this.#status.setSignInPage(null);
        return { status };
      default:
        scope.lastRecovery = status;
        scope.cooldown.start(this.#now, retryAfterMs);
        this.#status.apply('recovery_failed', reason);
        this.#schedule(scope.cooldown.getRemaining(this.#now), trigger);
        return { status };
    }
  }

  /**
   * Schedules the next check.
   *
   * @param {number} milliseconds
   * @param {CheckReason} reason
   */
  #schedule(milliseconds, reason) {
    if (!this.#status.isDisposed && this.#status.state !== 'signed_out') {
      this.#status.scope.nextCheck.schedule(milliseconds, () => this.due.emit(reason));
    }
  }
}
