// @ts-check
/** @import { HealthChecks } from './health-check.js' */
/** @import { RequestDescription } from './request-description.js' */
/** @import { SessionApi } from './session-api.js' */
/** @import { SessionStatus } from './session-status.js' */
/** @import { Settings } from './settings.js' */
import { anySignal, sleep, waitUnlessAborted } from './async.js';

/** How old a result of contacting the server may be, so that requests without a response share one. */
const RECENT_MS = 1_000;

/**
 * One attempt of a request of the page. While the server sends no response headers, the session is checked again and again. The
 * attempt is aborted only when the server is found gone, because a living server can work on a request for a long time.
 */
export class Attempt {
  #settings;
  #api;
  #checks;
  #status;
  #description;
  #controller = new AbortController();

  /** Ends the watch, not the request. */
  #finished = new AbortController();

  /** @type {number | null} since when the server cannot be reached; monotonic milliseconds */
  #unreachableSince = null;

  /**
   * Whether the attempt can be dead: another process has responded, or the server was away when the attempt was sent, or later. Then
   * its connection can be dead although the server is back.
   */
  #isDoubtful = false;

  /**
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
      // The response has arrived, or the attempt has failed.
    }
  }

  /**
   * Another attempt of a request that may be repeated loses nothing. For any other one this is the only attempt, so that it is given up
   * only when the server has been away for a whole budget: a connection can survive an outage, and another process that responds can
   * be another node, while this one still works.
   *
   * @param {number} now monotonic milliseconds
   */
  #mustAbort(now) {
    return this.#description.isRepeatable
      ? this.#isDoubtful
      : this.#unreachableSince !== null && now - this.#unreachableSince >= this.#settings.timings.budgetMs;
  }
}
