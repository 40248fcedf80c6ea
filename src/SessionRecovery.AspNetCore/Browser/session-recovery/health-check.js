// @ts-check
/** @import { CheckReason, CheckResult } from '../session-recovery.js' */
/** @import { Health } from './health.js' */
/** @import { Identity } from './identity.js' */
/** @import { Recovery, RecoveryResult } from './recovery.js' */
/** @import { SessionApi } from './session-api.js' */
/** @import { SessionScope, UserIdentity } from './session-scope.js' */
/** @import { SessionStatus } from './session-status.js' */
/** @import { Settings } from './settings.js' */
import { Emitter } from './emitter.js';
import { requestHealth } from './health.js';
import { addJitter, getExponentialDelay } from './retry.js';

/** @typedef {Pick<CheckResult, 'status'>} CheckOutcome */

/**
 * @typedef {object} Check a running check
 * @property {SessionScope} scope the scope that the check is about
 * @property {boolean} isIdentifying whether the check still waits for the adapter, and so follows a change of the scope
 * @property {string | null} newEpoch an epoch that another response brought meanwhile
 * @property {string | null} epoch the epoch of the process that responded to the check
 * @property {Promise<CheckOutcome>} promise
 */

/**
 * Checks whether the session works, one check at a time, and recovers an unhealthy session. Schedules the next check after a
 * result that can change by itself.
 */
export class HealthChecks {
  #settings;
  #status;
  #identity;
  #api;
  #recovery;

  /** @type {Check | null} */
  #running = null;

  /** @type {Emitter<[reason: CheckReason]>} a check found the session healthy */
  healthy = new Emitter();

  /**
   * @param {Settings} settings
   * @param {SessionStatus} status
   * @param {Identity} identity
   * @param {SessionApi} api
   * @param {Recovery} recovery
   */
  constructor(settings, status, identity, api, recovery) {
    this.#settings = settings;
    this.#status = status;
    this.#identity = identity;
    this.#api = api;
    this.#recovery = recovery;
  }

  get #now() {
    return this.#settings.environment.clock.now();
  }

  /**
   * Starts a check, or joins the running one of the same scope. Checks have no cooldown.
   *
   * @param {CheckReason} reason
   * @returns {Promise<CheckOutcome>} never rejects
   */
  start(reason) {
    const { scope } = this.#status;
    if (this.#status.isDisposed) {
      return Promise.resolve({ status: 'inconclusive' });
    }

    if (this.#running?.scope === scope) {
      return this.#running.promise;
    }

    scope.cancelScheduled();
    const check = /** @type {Check} */ ({ scope, isIdentifying: false, newEpoch: null, epoch: null });
    this.#running = check;
    check.promise = this.#run(check, reason);
    return check.promise;
  }

  /** Checks the session of a user who signed in, unless the running check itself has just found that user. */
  handleSignIn() {
    if (this.#running?.isIdentifying) {
      this.#running.scope = this.#status.scope;
    } else {
      void this.start('sign_in');
    }
  }

  /**
   * Checks the session after an unknown epoch. If a check is running, it is repeated unless the process with this epoch responds.
   *
   * @param {string | null} epoch
   */
  handleNewEpoch(epoch) {
    this.#status.scope.cooldown.end();
    if (this.#running?.scope === this.#status.scope) {
      this.#running.newEpoch = epoch;
    } else {
      void this.start('new_epoch');
    }
  }

  /**
   * @param {Check} check
   * @param {CheckReason} reason
   * @returns {Promise<CheckOutcome>}
   */
  async #run(check, reason) {
    const outcome = await this.#performCheck(check, reason);
    if (this.#running !== check) {
      // The scope has ended, and another check already runs for its successor.
      return this.#running?.promise ?? this.#createSupersededOutcome();
    }

    this.#running = null;
    if (outcome.status === 'superseded') {
      return this.#createSupersededOutcome();
    }

    return check.newEpoch !== null && check.newEpoch !== check.epoch ? this.start('new_epoch') : outcome;
  }

  /** @returns {CheckOutcome} */
  #createSupersededOutcome() {
    return { status: this.#status.state === 'signed_out' ? 'signed_out' : 'superseded' };
  }

  /**
   * @param {Check} check
   * @param {CheckReason} reason
   * @returns {Promise<CheckOutcome>}
   */
  async #performCheck(check, reason) {
    const found = await this.#identify(check);
    if (found === null) {
      return this.#markSuspect('adapter_failed', reason, 0);
    }

    const { scope } = check;
    if (this.#settings.usesCookies ? this.#identity.isEnded : found.token === null) {
      return { status: 'signed_out' };
    }

    if (this.#identity.isExpired(found)) {
      return this.#startRecovery(scope, 'token_expired', found, true);
    }

    const { health, identity } = await this.#requestHealth(check, found);
    return health === null ? { status: 'superseded' } : this.#applyHealth(scope, health, identity, reason);
  }

  /**
   * @param {Check} check
   * @returns {Promise<Readonly<UserIdentity> | null>} null if the adapter failed
   */
  async #identify(check) {
    check.isIdentifying = true;
    try {
      const identity = await this.#identity.identify();
      check.scope = this.#status.scope;
      return identity;
    } catch {
      return null;
    } finally {
      check.isIdentifying = false;
    }
  }

  /**
   * @param {Check} check
   * @param {Readonly<UserIdentity>} identity
   * @param {boolean} [mayRepeat]
   * @returns {Promise<{ health: Health | null, identity: Readonly<UserIdentity> }>} health is null if the scope has ended
   */
  async #requestHealth(check, identity, mayRepeat = true) {
    const { scope } = check;
    const health = await requestHealth(this.#api, this.#settings, scope, identity.token);
    if (health.status !== 'unreachable') {
      check.epoch = health.epoch;
    }

    if (await this.#identity.hasEnded(scope)) {
      return { health: null, identity };
    }

    // Another tab renewed the token meanwhile. The rejection of the old token says nothing about the new one.
    return health.isRejected && scope.identity.token !== identity.token && mayRepeat
      ? this.#requestHealth(check, scope.identity, false)
      : { health, identity };
  }

  /**
   * @param {SessionScope} scope
   * @param {Health} health
   * @param {Readonly<UserIdentity>} identity
   * @param {CheckReason} reason
   * @returns {Promise<CheckOutcome> | CheckOutcome}
   */
  #applyHealth(scope, health, identity, reason) {
    if (health.status === 'healthy') {
      return this.#markHealthy(scope, reason);
    }

    if (health.status === 'unreachable') {
      return this.#markOffline(scope, reason);
    }

    if (health.status === 'inconclusive') {
      return this.#markSuspect(health.reason, reason, health.retryAfterMs);
    }

    if (this.#settings.usesCookies && health.isRejected && !scope.hasBeenReady) {
      // A visitor who has not signed in loses no session.
      this.#identity.end('session_ended', 'no_session');
      return { status: 'signed_out' };
    }

    const trigger = health.isRejected && reason === 'other' ? 'token_refused' : reason;
    return this.#startRecovery(scope, trigger, identity, health.needsRefresh);
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
  #markSuspect(cause, reason, atLeastMs) {
    const { environment, timings } = this.#settings;
    this.#status.apply('check_inconclusive', cause);
    const delay = getExponentialDelay(timings.answeredRetryMs, this.#status.scope.inconclusiveChecks++, timings.maxRetryAfterMs);
    this.#schedule(Math.max(addJitter(delay, environment.random), atLeastMs), reason);
    return { status: 'inconclusive' };
  }

  /**
   * Recovers the session. During the cooldown one check is scheduled for its end instead, however many callers asked.
   *
   * @param {SessionScope} scope
   * @param {CheckReason} trigger
   * @param {Readonly<UserIdentity>} identity
   * @param {boolean} needsRefresh
   * @returns {Promise<CheckOutcome>}
   */
  async #startRecovery(scope, trigger, identity, needsRefresh) {
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
      this.#status.scope.schedule(milliseconds, () => void this.start(reason));
    }
  }
}
