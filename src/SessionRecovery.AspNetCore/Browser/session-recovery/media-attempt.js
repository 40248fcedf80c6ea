// @ts-check
/** @import { Session } from '../session-recovery.js' */
/** @import { MediaDelays } from './media-delays.js' */
/** @import { LinkFailure, MediaLinks } from './media-links.js' */
/** @import { MediaPlayback } from './media-playback.js' */

/**
 * The value of `MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED`. Browsers report this error for an unsupported format, but also for an unreachable
 * server.
 */
const NOT_SUPPORTED = 4;

/**
 * @typedef {object} AttemptServices the parts of the connection that an attempt uses
 * @property {Pick<Session, 'triggerRecoveryCheck'>} session
 * @property {MediaLinks} links
 * @property {MediaPlayback} playback
 * @property {MediaDelays} delays
 */

/**
 * @typedef {object} AttemptResult the result of one attempt to load a file
 * @property {boolean} isLoaded whether the file is loaded, or will be loaded by the browser when the playback starts
 * @property {string | null} reason the reason for which the file cannot be played; null if the file is loaded or a later attempt may
 *   succeed
 * @property {number} delayMs the delay before the next attempt. If the file is loaded, this is the time until a new link is needed, which
 *   may be infinite.
 */

/** Makes one attempt to load a file with a new link. */
export class MediaAttempt {
  #services;
  #element;
  #name;
  #signal;

  /**
   * Creates an attempt to load a file into a media element.
   * @param {AttemptServices} services
   * @param {HTMLMediaElement} element
   * @param {string} name
   * @param {AbortSignal} signal
   */
  constructor(services, element, name, signal) {
    this.#services = services;
    this.#element = element;
    this.#name = name;
    this.#signal = signal;
  }

  /**
   * Requests a link and loads the file of the link into the element.
   *
   * @returns {Promise<AttemptResult>} a promise that never rejects. If the signal was aborted, the caller must ignore the result.
   */
  async run() {
    const { links, playback, delays } = this.#services;
    const link = await links.request(this.#name, this.#signal);
    if (this.#signal.aborted || !('url' in link)) {
      return { isLoaded: false, reason: 'url' in link ? null : link.reason, delayMs: delays.linkMs };
    }

    const result = await playback.load(link.url);
    if (this.#signal.aborted || result === 'loaded' || result === 'suspended') {
      delays.handleLoad();
      return { isLoaded: true, reason: null, delayMs: link.renewAfterMs };
    }

    const { reason, retryAfterMs = 0 } = await this.#explainFailure(link.url);
    delays.addFailure();
    return { isLoaded: false, reason, delayMs: Math.max(delays.retryMs, retryAfterMs) };
  }

  /**
   * Determines why the element could not load the file of a link.
   *
   * @param {string} url
   * @returns {Promise<LinkFailure>}
   */
  async #explainFailure(url) {
    const { session, links } = this.#services;
    const isUnsupported = this.#element.error?.code === NOT_SUPPORTED;
    const { state } = await session.triggerRecoveryCheck('request_failed');
    return isUnsupported && state === 'ready' ? links.explain(url, this.#signal) : { reason: null };
  }
}
