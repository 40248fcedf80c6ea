// @ts-check
/** @import { MediaConnection as PublicMediaConnection, MediaState, Session } from '../session-recovery.js' */
/** @import { MediaLinks } from './media-links.js' */
/** @import { Settings } from './settings.js' */
import { Timer, sleep } from './async.js';
import { Emitter } from './emitter.js';
import { isBufferedToTheEnd, waitForMetadata } from './media-element.js';

const RETRY_MS = 1_000;
const LOAD_TIMEOUT_MS = 10_000;
const STALL_MS = 3_000;

/** `MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED`. Browsers report it for an unsupported format and also for an unreachable server. */
const NOT_SUPPORTED = 4;

/**
 * Plays one file in a media element. The class renews the signed link of the file before the link ends and after an error, and continues at
 * the same second.
 *
 * @implements {PublicMediaConnection}
 */
export class MediaConnection {
  #clock;
  #session;
  #links;
  #element;
  #name;
  #ended = new AbortController();
  #expiry;
  #stall;

  /** @type {Emitter<[]>} */
  #changed = new Emitter();

  /** @type {MediaState} */
  #state = 'loading';

  /** @type {string | null} */
  #reason = null;

  /** @type {Promise<void> | null} the running renewal */
  #renewing = null;

  /** Indicates whether the user wants the file to play. The element itself pauses when its source changes. */
  #wantsPlay;

  /** The position that the user has reached, in seconds. */
  #position = 0;

  /** Indicates whether the element loads a new source. Its events do not come from the user during that time. */
  #isLoading = false;

  /** Indicates whether the link has reached its renewal time. */
  #isLinkOld = false;

  /**
   * @param {Settings} settings
   * @param {Pick<Session, 'triggerRecoveryCheck'>} session
   * @param {MediaLinks} links
   * @param {HTMLMediaElement} element
   * @param {string} name
   */
  constructor({ environment }, session, links, element, name) {
    this.#clock = environment.clock;
    this.#session = session;
    this.#links = links;
    this.#element = element;
    this.#name = name;
    this.#wantsPlay = element.autoplay || !element.paused;
    this.#expiry = new Timer(this.#clock);
    this.#stall = new Timer(this.#clock);
    this.#listen('play', () => this.#handlePlay());
    this.#listen('pause', () => this.#handlePause());
    this.#listen('timeupdate', () => this.#handleProgress());
    this.#listen('seeking', () => this.#handleProgress());
    this.#listen('waiting', () => this.#watchStall());
    this.#listen('error', () => this.#handleError());
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
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  dispose() {
    this.#ended.abort(new Error('The media connection was disposed.'));
    this.#expiry.cancel();
    this.#stall.cancel();
    this.#changed.clear();
  }

  /** Repeats the attempts until the file is loaded, or until it is certain that the file cannot be loaded. */
  async #renew() {
    const { signal } = this.#ended;
    this.#expiry.cancel();
    this.#stall.cancel();
    while (!signal.aborted) {
      const failure = await this.#tryRenew();
      if (signal.aborted) {
        return;
      }

      if (failure === null) {
        this.#setState('ready', null);
        return;
      }

      if (failure.reason !== null) {
        this.#setState('failed', failure.reason);
        return;
      }

      this.#setState('waiting', null);
      await sleep(this.#clock, RETRY_MS, signal).catch(() => {});
    }
  }

  /** @returns {Promise<{ reason: string | null } | null>} null if the file is loaded; the reason is null if a later attempt may succeed */
  async #tryRenew() {
    const link = await this.#links.request(this.#name);
    if (this.#ended.signal.aborted || !('url' in link)) {
      return 'url' in link ? { reason: null } : link;
    }

    const failure = await this.#load(link.url);
    if (failure === null && Number.isFinite(link.renewAfterMs)) {
      this.#isLinkOld = false;
      this.#expiry.schedule(link.renewAfterMs, () => this.#handleExpiry());
    }

    return failure;
  }

  /**
   * Sets the source of the element, and restores position and playback.
   *
   * @param {string} url
   */
  async #load(url) {
    const element = this.#element;
    const { signal } = this.#ended;
    this.#isLoading = true;
    const loaded = waitForMetadata(element, this.#clock, LOAD_TIMEOUT_MS, signal);
    element.src = url;
    const isLoaded = await loaded;

    // A seek by the user during the load is kept: it has already changed the position of the element.
    if (isLoaded && this.#position > 0 && element.currentTime === 0) {
      element.currentTime = this.#position;
    }

    this.#isLoading = false;
    if (!isLoaded) {
      return signal.aborted ? { reason: null } : this.#explainError();
    }

    if (this.#wantsPlay) {
      // A rejection means that the browser requires a click first. Every other error is also reported as an event of the element.
      await element.play().catch((error) => {
        this.#wantsPlay &&= error?.name !== 'NotAllowedError';
      });
    }

    return null;
  }

  /** The format is unsupported only if the session is healthy while the element reports that error. */
  async #explainError() {
    const isUnsupported = this.#element.error?.code === NOT_SUPPORTED;
    const { state } = await this.#session.triggerRecoveryCheck('request_failed');
    return { reason: isUnsupported && state === 'ready' ? 'unsupported' : null };
  }

  #handlePlay() {
    this.#wantsPlay = true;
    if (this.#isLinkOld || this.#state === 'failed') {
      void this.renew();
    }
  }

  #handlePause() {
    if (!this.#isLoading && this.#element.error === null) {
      this.#wantsPlay = false;
    }
  }

  #handleProgress() {
    if (!this.#isLoading && this.#element.readyState > 0) {
      this.#stall.cancel();
      this.#position = this.#element.currentTime;
    }
  }

  /** A link that ends does not matter once the browser has received the rest of the file. */
  #handleExpiry() {
    this.#isLinkOld = true;
    if (!this.#element.ended && !isBufferedToTheEnd(this.#element)) {
      void this.renew();
    }
  }

  /** The element reports no error while a server hangs. */
  #watchStall() {
    if (this.#renewing === null) {
      this.#stall.schedule(STALL_MS, () => this.#handleError());
    }
  }

  #handleError() {
    if (this.#renewing === null) {
      this.#setState('waiting', null);
      void this.#session.triggerRecoveryCheck('request_failed');
      void this.renew();
    }
  }

  /**
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
   * @param {string} name
   * @param {() => void} listener
   */
  #listen(name, listener) {
    this.#element.addEventListener(name, listener, { signal: this.#ended.signal });
  }
}
