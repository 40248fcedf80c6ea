// @ts-check
/** @import { CheckReason } from '../session-recovery.js' */
/** @import { CheckOutcome, CheckResults } from './check-results.js' */
/** @import { Health } from './health.js' */
/** @import { Identity } from './identity.js' */
/** @import { SessionApi } from './session-api.js' */
/** @import { SessionStatus } from './session-status.js' */
/** @import { Settings } from './settings.js' */
/** @import { UserIdentity } from './tokens.js' */
import { Check } from './check.js';
import { requestHealth } from './health.js';

/** The minimum time between two checks that are started by responses of the server. */
const MIN_INTERVAL_MS = 1_000;

/** The time for which a session stays `ready` although neither a request nor its check receives a response. */
const SILENCE_MS = 500;

/**
 * The maximum time for which a session stays `ready` although neither a request nor its check receives a response. On a slow network, a
 * check takes longer than `SILENCE_MS` even without an outage, and the session stays `ready` for up to this time.
 */
const MAX_SILENCE_MS = 5_000;

/**
 * The reasons of checks that start because the network may have changed.
 *
 * @type {ReadonlySet<CheckReason>}
 */
const WAKING_REASONS = new Set(/** @type {const} */ (['online', 'visible', 'page_show']));

/** Checks whether the session is healthy. One check runs at a time. */
export class HealthChecks {
  #settings;
  #status;
  #identity;
  #api;
  #results;

  /** @type {Check | null} */
  #running = null;

  /** @type {Promise<CheckOutcome>} the outcome of the last check, running or not */
  #last = Promise.resolve({ status: 'inconclusive' });
  #lastStartedAt = Number.NEGATIVE_INFINITY;

  /**
   * Creates the object that starts the checks of a session.
   * @param {Settings} settings
   * @param {SessionStatus} status
   * @param {Identity} identity
   * @param {SessionApi} api
   * @param {CheckResults} results
   */
  constructor(settings, status, identity, api, results) {
    this.#settings = settings;
    this.#status = status;
    this.#identity = identity;
    this.#api = api;
    this.#results = results;
    results.due.subscribe((reason) => void this.start(reason));
  }

  /**
   * Starts a check, or joins the running check of the same user scope. Checks have no cooldown.
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
      if (WAKING_REASONS.has(reason)) {
        this.#running.repeatIfWaiting();
      }

      return this.#last;
    }

    scope.nextCheck.cancel();
    this.#lastStartedAt = this.#now;
    this.#running = new Check(this.#settings.environment.clock, scope);
    this.#last = this.#run(this.#running, reason);
    return this.#last;
  }

  /**
   * Starts a check immediately. If the last check began less than a second ago, the new check starts within a second.
   *
   * @param {CheckReason} reason
   */
  startSoon(reason) {
    const { scope } = this.#status;
    const wait = this.#lastStartedAt + MIN_INTERVAL_MS - this.#now;
    if (wait <= 0) {
      void this.start(reason);
    } else if (this.#running?.scope !== scope && !this.#status.isDisposed) {
      scope.nextCheck.scheduleAtLatest(wait, () => void this.start(reason));
    }
  }

  /**
   * Checks the session because a request has received no response. If the check also receives no response for half a second, or for twice
   * the duration of the last check, the session becomes `suspect`.
   *
   * @returns {Promise<CheckOutcome>} never rejects
   */
  startAfterSilence() {
    const isRecent = this.#lastStartedAt + MIN_INTERVAL_MS > this.#now;
    const outcome = isRecent ? this.#last : this.start('request_failed');
    const silence = Math.min(Math.max(SILENCE_MS, 2 * this.#api.roundTripMs), MAX_SILENCE_MS);
    this.#running?.silence.scheduleAtLatest(silence, () => {
      if (this.#status.state === 'ready' && !this.#status.isDisposed && this.#api.contact.at < this.#now - silence) {
        this.#status.apply('check_inconclusive', 'no_response');
      }
    });
    return outcome;
  }

  /**
   * Handles a response of the server. A session in the state `suspect` or `offline` is checked immediately, or one second after the last
   * check. If a check has waited for its response for more than a second, the request of the check is repeated once, because it may have
   * been sent before the server was reachable again.
   */
  handleResponse() {
    const { scope, state } = this.#status;
    if (this.#running?.scope === scope) {
      this.#running.repeatIfWaiting();
    } else if (state === 'suspect' || state === 'offline') {
      this.startSoon('request_failed');
    }
  }

  get #now() {
    return this.#settings.environment.clock.now();
  }

  /** Checks the session of a user who has signed in, unless the running check itself has just detected the sign-in. */
  handleSignIn() {
    if (this.#running?.isIdentifying) {
      this.#running.scope = this.#status.scope;
    } else {
      void this.start('sign_in');
    }
  }

  /**
   * Checks the session after an unknown epoch. A check that is already running is repeated, unless the response to the check comes from the
   * process with the unknown epoch.
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
   * Runs a check, and starts another check if a new epoch was received in the meantime.
   *
   * @param {Check} check
   * @param {CheckReason} reason
   * @returns {Promise<CheckOutcome>}
   */
  async #run(check, reason) {
    const outcome = await this.#performCheck(check, reason);
    check.silence.cancel();
    if (this.#running !== check) {
      // The user scope has ended, and another check is already running for the new scope.
      return this.#running === null ? this.#createSupersededOutcome() : this.#last;
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
   * Reads the user and the health of the session, and applies the result to the session.
   *
   * @param {Check} check
   * @param {CheckReason} reason
   * @returns {Promise<CheckOutcome>}
   */
  async #performCheck(check, reason) {
    const found = await this.#identify(check);
    if (found === null) {
      return this.#results.markSuspect('adapter_failed', reason, 0);
    }

    const { scope } = check;
    if (this.#settings.usesCookies ? this.#identity.isEnded : found.token === null) {
      return { status: 'signed_out' };
    }

    if (this.#identity.isExpired(found)) {
      return this.#results.renewToken(scope, found);
    }

    const { health, identity } = await this.#requestHealth(check, found);
    return health === null ? { status: 'superseded' } : this.#results.applyHealth(scope, health, identity, reason);
  }

  /**
   * Reads the signed-in user from the adapter for a check.
   *
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
   * Requests the health of the session from the server.
   *
   * @param {Check} check
   * @param {Readonly<UserIdentity>} identity
   * @param {boolean} [mayRepeat]
   * @returns {Promise<{ health: Health | null, identity: Readonly<UserIdentity> }>} health is null if the scope has ended
   */
  async #requestHealth(check, identity, mayRepeat = true) {
    const { scope } = check;
    const health = await check.request((signal) => requestHealth(this.#api, this.#settings, scope, identity.token, signal));
    if (health.status !== 'unreachable') {
      check.epoch = health.epoch;
    }

    if (await this.#identity.hasEnded(scope)) {
      return { health: null, identity };
    }

    // Another tab has refreshed the token in the meantime, so the rejection of the old token does not apply to the new token.
    return health.isRejected && scope.identity.token !== identity.token && mayRepeat
      ? this.#requestHealth(check, scope.identity, false)
      : { health, identity };
  }
}
