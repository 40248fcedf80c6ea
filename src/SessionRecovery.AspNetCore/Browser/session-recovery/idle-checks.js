// @ts-check
/** @import { HealthChecks } from './health-check.js' */
/** @import { SessionApi } from './session-api.js' */
/** @import { SessionStatus } from './session-status.js' */
/** @import { Settings } from './settings.js' */
import { Timer } from './async.js';

/**
 * Checks a session in the state `ready` or `offline` when the server has sent no response for some time. With such checks, a page that
 * sends no requests soon detects an outage and its end. While the page is hidden, no idle checks start, because the session is checked when
 * the page becomes visible.
 */
export class IdleChecks {
  #settings;
  #status;
  #api;
  #checks;
  #timer;
  #lastCheckAt = Number.NEGATIVE_INFINITY;

  /**
   * Creates the object that starts a check when the server has sent no response for some time.
   * @param {Settings} settings
   * @param {SessionStatus} status
   * @param {SessionApi} api
   * @param {HealthChecks} checks
   */
  constructor(settings, status, api, checks) {
    this.#settings = settings;
    this.#status = status;
    this.#api = api;
    this.#checks = checks;
    this.#timer = new Timer(settings.environment.clock);
    status.changed.subscribe(() => this.resume());
  }

  /** Schedules the next check if the state of the session is `ready` or `offline` and the page is visible. */
  resume() {
    if (this.#canCheck) {
      this.#timer.schedule(Math.max(0, this.#remaining), () => void this.#check());
    }
  }

  stop() {
    this.#timer.cancel();
  }

  get #canCheck() {
    const { timings, environment } = this.#settings;
    const isVisible = environment.events.document?.visibilityState !== 'hidden';
    const isSettled = this.#status.state === 'ready' || this.#status.state === 'offline';
    return timings.idleCheckMs > 0 && isVisible && isSettled && !this.#status.isDisposed;
  }

  /** Gets the milliseconds until the next check is due. */
  get #remaining() {
    const { timings, environment } = this.#settings;
    const due = Math.max(this.#api.contact.at, this.#lastCheckAt) + timings.idleCheckMs;
    return Math.max(due, this.#status.scope.noCheckBefore) - environment.clock.now();
  }

  async #check() {
    if (this.#canCheck && this.#remaining <= 0) {
      await this.#checks.start('other');
      this.#lastCheckAt = this.#settings.environment.clock.now();
    }

    this.resume();
  }
}
