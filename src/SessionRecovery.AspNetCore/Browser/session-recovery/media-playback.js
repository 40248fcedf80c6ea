// @ts-check
/** @import { Clock } from '../session-recovery.js' */
/** @import { MediaDelays } from './media-delays.js' */
/** @import { LoadResult } from './media-element.js' */
import { setSource, waitForLoad } from './media-element.js';

/** The time after an error, in milliseconds, during which a pause of the element is attributed to the browser and not to the user. */
const ERROR_PAUSE_MS = 100;

/** Loads one source after another into a media element. Each load restores the position and the playback. */
export class MediaPlayback {
  #element;
  #clock;
  #delays;
  #signal;

  /** Indicates whether the user wants the file to play. The element itself pauses when its source changes. */
  #wantsPlay;

  /** The position that the user has reached, in seconds. */
  #position = 0;

  /** Indicates whether the element loads a new source. Events of the element during a load are not caused by the user. */
  #isLoading = false;

  /** @type {number | null} the time at which the current source failed, in monotonic milliseconds */
  #failedAt = null;

  /**
   * Creates an object that controls the playback of one media element.
   * @param {HTMLMediaElement} element
   * @param {Clock} clock
   * @param {MediaDelays} delays
   * @param {AbortSignal} signal ends the playback of this file
   */
  constructor(element, clock, delays, signal) {
    this.#element = element;
    this.#clock = clock;
    this.#delays = delays;
    this.#signal = signal;
    this.#wantsPlay = element.autoplay || !element.paused;
    element.addEventListener('loadedmetadata', () => this.#restorePosition(), { signal });
    element.addEventListener('play', () => this.#handlePlay(), { signal });
    element.addEventListener('pause', () => this.#handlePause(), { signal });
    element.addEventListener('error', () => this.#handleError(), { signal });
    element.addEventListener('timeupdate', () => this.#handleProgress(), { signal });
    element.addEventListener('seeking', () => this.#handleProgress(), { signal });
  }

  /**
   * Sets the source of the element, and restores position and playback.
   *
   * @param {string} url
   * @returns {Promise<LoadResult>}
   */
  async load(url) {
    this.#isLoading = true;
    this.#failedAt = null;
    const loaded = this.#waitForLoad();
    setSource(this.#element, url, this.#position, this.#wantsPlay);
    let result = await loaded;
    if (result === 'suspended' && this.#wantsPlay && !this.#signal.aborted) {
      // The browser loads the file as soon as `play` is called.
      const started = this.#waitForLoad();
      result = await Promise.race([started, this.#play().then((isAllowed) => (isAllowed ? started : 'suspended'))]);
    }

    this.#isLoading = false;
    if (result === 'timeout') {
      this.#delays.addTimeout();
    } else if (result === 'loaded' && this.#wantsPlay && !this.#signal.aborted) {
      // `load` does not wait for the start of the playback, because the playback may start much later.
      void this.#play();
    }

    return result;
  }

  #waitForLoad() {
    return waitForLoad(this.#element, this.#clock, this.#delays.loadTimeoutMs, this.#signal);
  }

  /**
   * Starts the playback of the element.
   *
   * @returns {Promise<boolean>} false if the browser requires a click of the user before the playback. The element reports every other
   * error as an event.
   */
  async #play() {
    try {
      await this.#element.play();
      return true;
    } catch (error) {
      const isAllowed = /** @type {{ name?: string } | null} */ (error)?.name !== 'NotAllowedError';
      this.#wantsPlay &&= isAllowed;
      return isAllowed;
    }
  }

  /** Restores the position, unless a seek by the user during the load has already changed the position of the element. */
  #restorePosition() {
    if (this.#position > 0 && this.#element.currentTime === 0) {
      this.#element.currentTime = this.#position;
    }
  }

  #handlePlay() {
    this.#wantsPlay = true;
  }

  #handlePause() {
    const isOfUser = this.#failedAt === null
      ? this.#element.error === null
      : this.#clock.now() - this.#failedAt > ERROR_PAUSE_MS;
    if (!this.#isLoading && isOfUser) {
      this.#wantsPlay = false;
    }
  }

  #handleError() {
    this.#failedAt = this.#clock.now();
  }

  #handleProgress() {
    if (!this.#isLoading && this.#element.readyState > 0) {
      this.#delays.handlePlayback();
      this.#position = this.#element.currentTime;
    }
  }
}
