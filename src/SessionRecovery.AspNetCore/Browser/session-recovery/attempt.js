// @ts-check
/** @import { HealthChecks } from './health-check.js' */
/** @import { RequestDescription } from './request-description.js' */
/** @import { SessionApi } from './session-api.js' */
/** @import { SessionStatus } from './session-status.js' */
/** @import { Settings } from './settings.js' */
import { anySignal, sleep, waitUnlessAborted } from './async.js';

/** The time for which the result of a check or a probe is reused. The result is shared by all requests that wait for a response. */
const RECENT_MS = 1_000;

/**
 * Makes one attempt of a page's request. While the response headers have not arrived, the class checks the session repeatedly. If the
 * checks reach the server, the attempt is not aborted, because the server may need a long time for a request.
 */
export class Attempt {
  #settings;
  #api;
  #checks;
  #status;
  #description;
  #controller = new AbortController();

  /** Stops the repeated checks, but not the request. */
  #finished = new AbortController();

  /** @type {number | null} the time at which the server became unreachable, in monotonic milliseconds */
  #unreachableSince = null;

  /**
   * Indicates whether this attempt's connection may be broken although the server is reachable. The connection may be broken if a new
   * server process has responded, or if the server has been unreachable since the attempt was sent.
   */
  #isDoubtful = false;

  /**
   * Creates one attempt of a request.
   * @param {{ settings: Settings, api: SessionApi, checks: HealthChecks, status: SessionStatus }} services
   * @param {RequestDescription} description
   */
  constructor({ settings, api, checks, status }, description) {
    this.#settings = settings;
    this.#api = api;
    this.#checks = checks;
    this.#status = status;
    this.#description = description;
  }

  /**
   * Sends the request, and checks the session repeatedly while no response headers arrive.
   *
   * @param {RequestInit} init
   * @returns {Promise<Response>} rejects as `fetch` does
   */
  async send(init) {
    const { signal } = this.#controller;
    void this.#watch();
    try {
      const target = this.#description.createTarget();
      const both = anySignal(signal, this.#description.signal);
      return await waitUnlessAborted(this.#settings.environment.fetch(target, { ...init, signal: both }), signal);
    } finally {
      this.#finished.abort();
    }
  }

  async #watch() {
    const { environment: { clock }, timings } = this.#settings;
    const { signal } = this.#finished;
    const { contact, epochs: { generation }, failures } = this.#api;
    try {
      await sleep(clock, timings.requestTimeoutMs, signal);
      while (!this.#status.isDisposed) {
        const startedAt = clock.now();
        const recently = startedAt - RECENT_MS;
        await waitUnlessAborted(this.#checks.startAfterSilence(), signal);
        if (this.#api.contact.at < recently) {
          await waitUnlessAborted(this.#api.probe(), signal);
        }

        const { at, isReachable } = this.#api.contact;
        const isUnreachable = !isReachable && at >= recently;
        this.#unreachableSince = isUnreachable ? this.#unreachableSince ?? startedAt : null;
        this.#isDoubtful ||= isUnreachable || !contact.isReachable || this.#api.failures !== failures;
        this.#isDoubtful ||= this.#api.epochs.generation !== generation;
        if (this.#mustAbort(clock.now())) {
          this.#controller.abort(new TypeError('The server sent no response, and can no longer be reached.'));
          return;
        }

        await sleep(clock, timings.requestTimeoutMs, signal);
      }
    } catch {
      // The repeated checks stop, because the response has arrived or the attempt has failed.
    }
  }

  /**
   * Returns whether the attempt must be aborted. A request that may be repeated is aborted as soon as its connection may be broken. A
   * request that may not be repeated is aborted only when the server has been unreachable for the whole retry budget. Until the budget is
   * used up, the attempt may still succeed: the connection can survive a short outage, and the new process that responds to checks can be
   * another node.
   *
   * @param {number} now monotonic milliseconds
   */
  #mustAbort(now) {
    return this.#description.isRepeatable
      ? this.#isDoubtful
      : this.#unreachableSince !== null && now - this.#unreachableSince >= this.#settings.timings.budgetMs;
  }
}
