// @ts-check
/** @import { CheckReason, CheckResult, CreditHistoryPage, CreditReading, ReadyOutcome, SessionOptions } from '../session-recovery.js' */
/** @import { Session as PublicSession } from '../session-recovery.js' */
import { BalanceReader } from './balance-reader.js';
import { CheckResults } from './check-results.js';
import { createSessionFetch } from './environment.js';
import { HealthChecks } from './health-check.js';
import { HistoryReader } from './history-reader.js';
import { Identity } from './identity.js';
import { IdleChecks } from './idle-checks.js';
import { MediaLinks } from './media-links.js';
import { MediaConnection } from './media.js';
import { Recovery } from './recovery.js';
import { registry } from './registry.js';
import { RequestSender } from './request.js';
import { SessionApi } from './session-api.js';
import { SessionScope } from './session-scope.js';
import { SERVER_SNAPSHOT, SessionStatus } from './session-status.js';
import { resolveSettings } from './settings.js';
import { ANONYMOUS } from './tokens.js';

/**
 * The reasons for a recovery that the server counts by name. Any other reason is sent as `other`.
 *
 * @type {ReadonlySet<string>}
 */
const CHECK_REASONS = new Set(/** @type {const} @satisfies {readonly CheckReason[]} */ ([
  'new_epoch', 'unauthorized', 'request_failed', 'online', 'visible', 'page_show', 'token_expired', 'token_refused',
  'credits', 'sign_in', 'manual', 'other',
]));

/**
 * Implements the public API of a session. The class connects the internal parts and holds no data of a user itself.
 *
 * @implements {PublicSession}
 */
export class Session extends EventTarget {
  #settings;
  #status;
  #identity;
  #api;
  #checks;
  #idleChecks;
  #requests;
  #balanceReader;
  #historyReader;

  #mediaLinks;

  /** @type {WeakMap<HTMLMediaElement, MediaConnection>} */
  #media = new WeakMap();

  #disposed = new AbortController();

  /** @type {(() => void)[]} */
  #subscriptions = [];

  /** @param {SessionOptions} options */
  constructor(options) {
    super();
    const settings = resolveSettings(options);
    this.#settings = settings;
    this.#status = new SessionStatus(new SessionScope(settings, ANONYMOUS));
    this.#identity = new Identity(settings, this.#status);
    this.#api = new SessionApi(settings);
    const recovery = new Recovery(settings, this.#status, this.#identity, this.#api);
    const results = new CheckResults(settings, this.#status, this.#identity, recovery);
    this.#checks = new HealthChecks(settings, this.#status, this.#identity, this.#api, results);
    this.#idleChecks = new IdleChecks(settings, this.#status, this.#api, this.#checks);
    this.#requests = new RequestSender({ settings, status: this.#status, identity: this.#identity, api: this.#api, checks: this.#checks });
    this.#balanceReader = new BalanceReader(settings, this.#status, this.#identity, this.#api, this.#requests);
    this.#historyReader = new HistoryReader(settings, this.#status, this);
    this.#mediaLinks = new MediaLinks(settings, this);
    const { environment } = settings;
    this.fetch = createSessionFetch(environment.fetch, async (input, init) => (await this.#requests.send(input, init)).response);
    this.#connectParts(results);
    this.#listenToBrowser();
    void this.#checks.start('other');
  }

  get state() {
    return this.#status.state;
  }

  get isAuthenticated() {
    return this.#status.isAuthenticated;
  }

  // The following functions are fields and not methods, because frameworks call them without the session as `this`.

  /** @type {PublicSession['subscribe']} */
  subscribe = (listener) => this.#status.changed.subscribe(listener);

  /** @type {PublicSession['getSnapshot']} */
  getSnapshot = () => this.#status.snapshot;

  /** @type {PublicSession['getServerSnapshot']} */
  getServerSnapshot = () => SERVER_SNAPSHOT;

  /** @type {PublicSession['fetch']} */
  fetch;

  /** @returns {Promise<ReadyOutcome>} */
  whenReady() {
    const { clock } = this.#settings.environment;
    if (this.#status.isSettled || this.#status.isDisposed) {
      return Promise.resolve({ state: this.#status.state, reason: this.#status.reason });
    }

    return new Promise((resolve) => {
      /** @param {string} reason */
      const finish = (reason) => {
        unsubscribe();
        clock.clearTimeout(timer);
        resolve({ state: this.#status.state, reason });
      };
      const unsubscribe = this.#status.settled.subscribe(finish);
      const timer = clock.setTimeout(() => finish('timeout'), this.#settings.timings.readyTimeoutMs);
    });
  }

  /**
   * Reads the balance of the user.
   *
   * @param {{ refresh?: boolean }} [options]
   * @returns {Promise<CreditReading>}
   */
  getCredits({ refresh = false } = {}) {
    return this.#balanceReader.read(refresh);
  }

  refreshCredits() {
    return this.#balanceReader.read(true);
  }

  /**
   * Reads a page of the user's credit history.
   *
   * @param {{ before?: number | null, limit?: number }} [options]
   * @returns {Promise<CreditHistoryPage>}
   */
  getCreditHistory({ before = null, limit = 50 } = {}) {
    return this.#historyReader.read(before, limit);
  }

  /**
   * Checks the session, and starts a recovery if the session is unhealthy.
   *
   * @param {string} [reason]
   * @returns {Promise<CheckResult>}
   */
  async triggerRecoveryCheck(reason = 'manual') {
    if (reason === 'sign_in') {
      this.#identity.allowSignIn();
    }

    const { status } = await this.#checks.start(isCheckReason(reason) ? reason : 'other');
    return { status, state: this.#status.state };
  }

  /**
   * Connects a media element with a file of the user, and ends an earlier connection of the element.
   *
   * @param {HTMLMediaElement} element
   * @param {string} name
   */
  media(element, name) {
    this.#media.get(element)?.dispose();
    const services = {
      settings: this.#settings, status: this.#status, links: this.#mediaLinks, session: this, disposed: this.#disposed.signal,
    };
    const connection = new MediaConnection(services, element, name);
    this.#media.set(element, connection);
    return connection;
  }

  async signOut() {
    const token = await this.#identity.signOut();

    // The sign-outs at the server and at the adapter both start immediately. The page may navigate to another page before a first sign-out
    // has completed, and the adapter must not keep the token.
    const hasSession = token !== null || this.#settings.usesCookies;
    const ended = hasSession ? this.#api.request('POST', 'end', token, { keepalive: true }) : null;
    const signedOut = (async () => this.#settings.adapter.signOut?.())();
    await Promise.allSettled([ended, signedOut]);
  }

  dispose() {
    if (this.#status.isDisposed) {
      return;
    }

    this.#subscriptions.forEach((unsubscribe) => unsubscribe());
    this.#idleChecks.stop();
    this.#disposed.abort();
    this.#status.dispose();
    registry.remove(this);
  }

  /** @param {CheckResults} results */
  #connectParts(results) {
    this.#status.events.subscribe((name, detail) => void this.dispatchEvent(new CustomEvent(name, { detail })));
    this.#identity.changed.subscribe((change) => {
      if (change === 'signed_in') {
        this.#checks.handleSignIn();
      } else {
        void this.#checks.start('other');
      }
    });
    results.healthy.subscribe((reason) => this.#balanceReader.handleHealthyCheck(reason));
  }

  #listenToBrowser() {
    const { window, document } = this.#settings.environment.events;
    this.#listen(window, 'online', () => void this.#checks.start('online'));
    this.#listen(window, 'pageshow', (event) => {
      if (/** @type {PageTransitionEvent} */ (event).persisted) {
        void this.#checks.start('page_show');
      }
    });
    this.#listen(window, 'storage', (event) => {
      const { key, newValue } = /** @type {StorageEvent} */ (event);
      this.#balanceReader.handleStoredBalance(key, newValue);
    });
    this.#listen(document, 'visibilitychange', () => {
      if (document?.visibilityState === 'visible') {
        void this.#checks.start('visible');
        this.#idleChecks.resume();
      }
    });
    const unsubscribe = this.#settings.adapter.onChange?.((change) => void this.#identity.handleAdapterChange(change));
    if (typeof unsubscribe === 'function') {
      this.#subscriptions.push(unsubscribe);
    }
  }

  /**
   * Adds an event listener that is removed when the session is disposed.
   *
   * @param {EventTarget | null} target
   * @param {string} name
   * @param {(event: Event) => void} listener
   */
  #listen(target, name, listener) {
    target?.addEventListener(name, listener);
    this.#subscriptions.push(() => target?.removeEventListener(name, listener));
  }
}

/**
 * Returns whether the server counts recoveries with this reason by name.
 *
 * @param {string} reason
 * @returns {reason is CheckReason}
 */
function isCheckReason(reason) {
  return CHECK_REASONS.has(reason);
}

/**
 * Creates a session that keeps the user signed in across restarts of the server.
 *
 * @param {SessionOptions} [options]
 * @returns {PublicSession}
 */
export function createSession(options = {}) {
  const session = new Session(options);
  registry.add(session);
  return session;
}
