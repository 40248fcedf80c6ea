// @ts-check
/** @import { CreditReading } from '../session-recovery.js' */
/** @import { Settings } from './settings.js' */
/** @import { UserIdentity } from './tokens.js' */
import { Timer } from './async.js';
import { Balance } from './balance.js';
import { LostConnectionDelays, RecoveryCooldown } from './retry.js';

/**
 * Holds the data of one signed-in user. A sign-in, a sign-out or a change of the user replaces the whole scope, so that a late result for
 * one user is never applied to the next user.
 */
export class SessionScope {
  #controller = new AbortController();
  #order = 0;

  /** @type {Readonly<UserIdentity>} replaced when the user's token is renewed */
  identity;

  /** Indicates whether the session has been ready at least once for this user. */
  hasBeenReady = false;

  /**
   * Indicates whether a newly issued token had already expired according to this device's clock. Such a token shows that the clock of the
   * device is wrong. In this case, only the server decides whether a token has expired.
   */
  isClockUnreliable = false;

  /** The number of inconclusive checks since the session was last ready. */
  inconclusiveChecks = 0;

  /**
   * The time before which an unreachable server must not be checked, in monotonic milliseconds. The time comes from the header
   * `Retry-After`.
   */
  noCheckBefore = Number.NEGATIVE_INFINITY;

  /** @type {import('../session-recovery.js').CheckResult['status'] | null} the result of the last recovery */
  lastRecovery = null;

  /** @type {Promise<CreditReading> | null} the running read of the balance */
  read = null;

  /** @type {Promise<CreditReading> | null} the refresh that starts after the running read */
  refresh = null;

  /** The number of consecutive reads that returned no current balance. */
  failedReads = 0;

  /**
   * Indicates whether the last refresh of the token failed. If the refresh failed, an expired token is refreshed only after the cooldown.
   */
  hasRenewalFailed = false;

  /**
   * Creates the scope of one user.
   * @param {Settings} settings
   * @param {Readonly<UserIdentity>} identity
   */
  constructor({ environment, timings, storage, baseUrl }, identity) {
    this.identity = identity;
    this.nextCheck = new Timer(environment.clock);
    this.nextRead = new Timer(environment.clock);
    this.balance = new Balance(storage, identity.userKey === null ? null : `session-recovery:credits:${baseUrl.href}:${identity.userKey}`);
    this.cooldown = new RecoveryCooldown(timings);
    this.delays = new LostConnectionDelays(timings, environment.random);
  }

  /** Gets a signal that is aborted when the user scope ends. */
  get signal() {
    return this.#controller.signal;
  }

  get isEnded() {
    return this.signal.aborted;
  }

  /** Gets a value that indicates whether a user is known to be signed in. If the host uses cookies, no token shows that a user is. */
  get isOfUser() {
    return !this.isEnded && (this.identity.token !== null || this.hasBeenReady);
  }

  /** Gets the ordinal number for a request that starts now. */
  nextOrder() {
    return ++this.#order;
  }

  /** Resets the retry delays after the session has become ready. */
  resetDelays() {
    this.delays.reset();
    this.noCheckBefore = Number.NEGATIVE_INFINITY;
    this.inconclusiveChecks = 0;
  }

  end() {
    this.nextCheck.cancel();
    this.nextRead.cancel();
    this.#controller.abort(new Error('The session ended.'));
  }
}
