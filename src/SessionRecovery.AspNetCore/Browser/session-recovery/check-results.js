// @ts-check
/** @import { CheckReason, CheckResult } from '../session-recovery.js' */
/** @import { Health } from './health.js' */
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
 * Applies the result of a check to the session: changes the state, starts a recovery of an unhealthy session, and schedules the
 * next check after a result that can change by itself.
 */
export class CheckResults {
  #settings;
  #status;
  #identity;
  #recovery;

  /** @type {Emitter<[reason: CheckReason]>} a check found the session healthy */
  healthy = new Emitter();

  /** @type {Emitter<[reason: CheckReason]>} the next check is due */
  due = new Emitter();

  /**
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
      return this.#markOffline(scope, reason);
    }

    if (health.status === 'inconclusive') {
      return this.markSuspect(health.reason, reason, health.retryAfterMs);
    }

    if (this.#settings.usesCookies && health.isRejected && !scope.hasBeenReady) {
      // A visitor who has not signed in loses no session.
      this.#identity.end('session_ended', 'no_session');
      return { status: 'signed_out' };
    }

    const trigger = health.isRejected && reason === 'other' ? 'token_refused' : reason;
    return this.startRecovery(scope, trigger, identity, health.needsRefresh);
  }

  /**
   * @param {SessionScope} scope
   * @param {CheckReason} reason
   * @returns {CheckOutcome}
   */
  #markHealthy(scope, reason) {
    scope.cooldown.resetGrowth();
    if (this.#status.state === 'signed_out') {
      // With cookies only the server knows that a user signed in.
      this.#status.apply('session_began', reason);
    }

    this.#status.apply('check_healthy', 'healthy');
    this.healthy.emit(reason);
    return { status: 'healthy' };
  }

  /**
   * @param {SessionScope} scope
   * @param {CheckReason} reason
   * @returns {CheckOutcome}
   */
  #markOffline(scope, reason) {
    this.#status.apply('unreachable', 'unreachable');
    this.#schedule(scope.delays.next(this.#now), reason);
    return { status: 'unreachable' };
  }

  /**
   * @param {string} cause
   * @param {CheckReason} reason
   * @param {number} atLeastMs
   * @returns {CheckOutcome}
   */
  markSuspect(cause, reason, atLeastMs) {
    const { environment, timings } = this.#settings;
    this.#status.apply('check_inconclusive', cause);
    const delay = getExponentialDelay(timings.answeredRetryMs, this.#status.scope.inconclusiveChecks++, timings.maxRetryAfterMs);
    this.#schedule(Math.max(addJitter(delay, environment.random), atLeastMs), reason);
    return { status: 'inconclusive' };
  }

  /**
   * Recovers the session. During the cooldown it schedules one check for the cooldown's end instead, for all callers together.
   *
   * @param {SessionScope} scope
   * @param {CheckReason} trigger
   * @param {Readonly<UserIdentity>} identity
   * @param {boolean} needsRefresh
   * @returns {Promise<CheckOutcome>}
   */
  async startRecovery(scope, trigger, identity, needsRefresh) {
    const remaining = scope.cooldown.getRemaining(this.#now);
    if (remaining > 0) {
      this.#status.apply('recovery_deferred', 'cooldown');
      this.#schedule(remaining, trigger);
      return { status: scope.lastRecovery ?? 'unhealthy' };
    }

    this.#status.apply('check_unhealthy', trigger);
    return this.#applyRecovery(scope, await this.#recovery.run(scope, trigger, identity, needsRefresh), trigger);
  }

  /**
   * @param {SessionScope} scope
   * @param {RecoveryResult} result
   * @param {CheckReason} trigger
   * @returns {CheckOutcome}
   */
  #applyRecovery(scope, { status, reason, retryAfterMs }, trigger) {
    switch (status) {
      case 'superseded':
        return { status };
      case 'refused':
        this.#identity.end('session_refused', reason);
        return { status: 'signed_out' };
      case 'unreachable':
        // The server has done nothing, so no cooldown starts.
        return this.#markOffline(scope, trigger);
      case 'recovered':
        scope.lastRecovery = status;
        scope.cooldown.start(this.#now, retryAfterMs);
        this.#status.apply('recovery_succeeded', 'recovered');
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
   * @param {number} milliseconds
   * @param {CheckReason} reason
   */
  #schedule(milliseconds, reason) {
    if (!this.#status.isDisposed && this.#status.state !== 'signed_out') {
      this.#status.scope.schedule(milliseconds, () => this.due.emit(reason));
    }
  }
}
