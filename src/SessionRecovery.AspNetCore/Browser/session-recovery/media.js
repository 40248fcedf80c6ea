// @ts-check
/** @import { MediaConnection as PublicMediaConnection, MediaState, Session } from '../session-recovery.js' */
/** @import { AttemptResult } from './media-attempt.js' */
/** @import { MediaLinks } from './media-links.js' */
/** @import { SessionScope } from './session-scope.js' */
/** @import { SessionStatus } from './session-status.js' */
/** @import { Settings } from './settings.js' */
import { Timer, sleepUnless } from './async.js';
import { Emitter } from './emitter.js';
import { MediaAttempt } from './media-attempt.js';
import { MediaDelays } from './media-delays.js';
import { isBufferedToTheEnd, removeSource } from './media-element.js';
import { MediaPlayback } from './media-playback.js';
import { StallWatch } from './media-stall.js';

/** The minimum delay between two attempts, even if the user requests the next attempt earlier. */
const MIN_RETRY_MS = 1_000;

/**
 * @typedef {object} MediaServices the parts of the session that a media connection uses
 * @property {Settings} settings
 * @property {SessionStatus} status
 * @property {MediaLinks} links
 * @property {Pick<Session, 'triggerRecoveryCheck' | 'whenReady'>} session
 * @property {AbortSignal} disposed aborted when the session is disposed
 */

/**
 * Plays one file in a media element. The class renews the signed link of the file before the link expires and after an error, and continues
 * the playback at the same second. The connection ends together with the scope of the user who owns the file.
 *
 * @implements {PublicMediaConnection}
 */
export class MediaConnection {
  #clock;
  #services;
  #element;
  #ended = new AbortController();
  #delays;
  #attempt;
  #expiry;
  #stall;

  /** @type {SessionScope | null} the scope of the user who owns the file; null until a user has signed in */
  #scope = null;

  /** @type {Emitter<[]>} */
  #changed = new Emitter();

  /** @type {Emitter<[]>} emitted when the user requests an immediate attempt */
  #hurried = new Emitter();

  /** @type {MediaState} */
  #state = 'loading';

  /** @type {string | null} */
  #reason = null;

  /** @type {Promise<void> | null} the running renewal */
  #renewing = null;

  /** Indicates whether the link has reached its renewal time. */
  #isLinkOld = false;

  /**
   * Creates the connection between a media element and a file of the user.
   * @param {MediaServices} services
   * @param {HTMLMediaElement} element
   * @param {string} name
   */
  constructor(services, element, name) {
    const { settings, status, session, links, disposed } = services;
    const { signal } = this.#ended;
    this.#clock = settings.environment.clock;
    this.#services = services;
    this.#element = element;
    this.#delays = new MediaDelays(this.#clock);
    const playback = new MediaPlayback(element, this.#clock, this.#delays, signal);
    this.#attempt = new MediaAttempt({ session, links, playback, delays: this.#delays }, element, name, signal);
    this.#expiry = new Timer(this.#clock);
    this.#stall = new StallWatch(element, this.#clock, this.#delays, signal, () => this.#reload(0));
    this.#listen(element, 'play', () => this.#handlePlay());
    this.#listen(element, 'waiting', () => this.#handleWaiting());
    this.#listen(element, 'error', () => this.#handleError());
    this.#listen(disposed, 'abort', () => this.dispose());
    if (disposed.aborted) {
      this.dispose();
    } else if (status.scope.isOfUser) {
      this.#bindTo(status.scope);
    }

    void this.renew();
  }

  get state() {
    return this.#state;
  }

  get reason() {
    return this.#reason;
  }

  /** @type {PublicMediaConnection['subscribe']} */
  subscribe = (listener) => this.#changed.subscribe(listener);

  /** @returns {Promise<void>} */
  renew() {
    this.#hurried.emit();
    return this.#startRenewal(0);
  }

  dispose() {
    this.#stop(new Error('The media connection was disposed.'));
    this.#changed.clear();
  }

  /** @param {unknown} reason */
  #stop(reason) {
    this.#ended.abort(reason);
    this.#expiry.cancel();
  }

  /** @param {SessionScope} scope */
  #bindTo(scope) {
    this.#scope = scope;
    this.#listen(scope.signal, 'abort', () => {
      this.#stop(scope.signal.reason);
      removeSource(this.#element);
      this.#setState('failed', 'signed_out');
    });
  }

  /** @param {number} delayMs */
  #startRenewal(delayMs) {
    this.#renewing ??= this.#renew(delayMs).finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  /**
   * Repeats the attempts until the file is loaded, or until it is certain that the file cannot be loaded.
   *
   * @param {number} delayMs
   */
  async #renew(delayMs) {
    const { signal } = this.#ended;
    this.#expiry.cancel();
    this.#stall.stop();
    await this.#wait(delayMs);
    while (!signal.aborted) {
      const result = await this.#tryRenew();
      if (signal.aborted) {
        return;
      }

      if (result.isLoaded) {
        this.#handleLoad(result.delayMs);
        return;
      }

      if (result.reason !== null) {
        this.#setState('failed', result.reason);
        return;
      }

      this.#setState('waiting', null);
      await this.#wait(result.delayMs);
    }
  }

  /** @param {number} delayMs */
  async #wait(delayMs) {
    if (delayMs > 0) {
      // If the signal is aborted, the wait ends without an error, because the caller checks the signal afterwards.
      await sleepUnless(this.#clock, delayMs, MIN_RETRY_MS, this.#hurried, this.#ended.signal).catch(() => {});
    }
  }

  /** @returns {Promise<AttemptResult>} */
  async #tryRenew() {
    const { session, status } = this.#services;
    const { state } = await session.whenReady();
    if (this.#ended.signal.aborted || state !== 'ready' || !status.scope.isOfUser) {
      return { isLoaded: false, reason: state === 'signed_out' ? 'signed_out' : null, delayMs: this.#delays.linkMs };
    }

    if (this.#scope === null) {
      this.#bindTo(status.scope);
    }

    return this.#attempt.run();
  }

  /** @param {number} renewAfterMs */
  #handleLoad(renewAfterMs) {
    this.#isLinkOld = false;
    if (Number.isFinite(renewAfterMs)) {
      this.#expiry.schedule(renewAfterMs, () => this.#handleExpiry());
    }

    this.#setState('ready', null);
  }

  #handlePlay() {
    if (this.#isLinkOld || this.#state !== 'ready') {
      void this.renew();
    }
  }

  /** Renews the link at its renewal time, unless the browser has already received the remaining part of the file. */
  #handleExpiry() {
    this.#isLinkOld = true;
    if (!this.#element.ended && !isBufferedToTheEnd(this.#element)) {
      void this.renew();
    }
  }

  #handleWaiting() {
    if (this.#renewing === null) {
      this.#stall.start();
    }
  }

  #handleError() {
    if (this.#renewing === null) {
      const delayMs = this.#delays.retryMs;
      this.#delays.addFailure();
      this.#reload(delayMs);
    }
  }

  /** @param {number} delayMs */
  #reload(delayMs) {
    this.#setState('waiting', null);
    void this.#services.session.triggerRecoveryCheck('request_failed');
    void this.#startRenewal(delayMs);
  }

  /**
   * Changes the state and its reason, and notifies the listeners.
   *
   * @param {MediaState} state
   * @param {string | null} reason
   */
  #setState(state, reason) {
    if (this.#state !== state || this.#reason !== reason) {
      this.#state = state;
      this.#reason = reason;
      this.#changed.emit();
    }
  }

  /**
   * Adds an event listener that is removed when the connection ends.
   *
   * @param {EventTarget} target
   * @param {string} name
   * @param {() => void} listener
   */
  #listen(target, name, listener) {
    target.addEventListener(name, listener, { signal: this.#ended.signal });
  }
}
