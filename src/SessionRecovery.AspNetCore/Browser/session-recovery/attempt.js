// @ts-check
/** @import { HealthChecks } from './health-check.js' */
/** @import { RequestDescription } from './request-description.js' */
/** @import { SessionApi } from './session-api.js' */
/** @import { SessionStatus } from './session-status.js' */
/** @import { Settings } from './settings.js' */
import { anySignal, sleep, waitUnlessAborted } from './async.js';

/** The time for which the result of a check or probe is reused, so that several requests without a response share one. */
const RECENT_MS = 1_000;

/**
 * Makes one attempt of a page's request. Until response headers arrive, it repeatedly checks the session. A missing response alone does not
 * abort the attempt, because a running server may work on a request for a long time.
 */
export class Attempt {
  #settings;
  #api;
  #checks;
  #status;
  #description;
  #controller = new AbortController();

  /** Stops the repeated checks, not the request. */
  #finished = new AbortController();

  /** @type {number | null} the time since which the server is unreachable, in monotonic milliseconds */
  #unreachableSince = null;

  /**
   * Whether the attempt's connection may be dead although the server is reachable: a new server process has responded, or the server was
   * unreachable when the attempt was sent or later.
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
      // The response has arrived, or the attempt has failed, so the checks end.
    }
  }

  /**
   * Returns whether to abort the attempt. A request that may be repeated is aborted as soon as its connection may be dead. Any other
   * request has only this attempt, which is aborted when the server has been unreachable for the whole retry budget: a connection can
   * survive a short outage, and a new process that responds can be another node.
   *
   * @param {number} now monotonic milliseconds
   */
  #mustAbort(now) {
    return this.#description.isRepeatable
      ? this.#isDoubtful
      : this.#unreachableSince !== null && now - this.#unreachableSince >= this.#settings.timings.budgetMs;
  }
}
