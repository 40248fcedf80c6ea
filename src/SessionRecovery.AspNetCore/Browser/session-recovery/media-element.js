// @ts-check
/** @import { Clock } from '../session-recovery.js' */
import { Timer } from './async.js';

/**
 * The number of seconds that may be missing at the end of a file that was received completely. The duration that a browser reports is
 * rarely exact.
 */
const TOLERANCE_SECONDS = 0.1;

/** The value of the constant `HTMLMediaElement.NETWORK_IDLE`. */
const NETWORK_IDLE = 1;

/**
 * @typedef {'loaded' | 'suspended' | 'failed' | 'timeout'} LoadResult the result of a load. `loaded`: the metadata arrived. `suspended`:
 *   the browser loads nothing before the playback starts, as with `preload="none"`. `failed`: the element reported an error, or the wait
 *   was aborted. `timeout`: no data arrived in time.
 */

/**
 * Waits until a media element has loaded the metadata of its new source.
 *
 * @param {HTMLMediaElement} element
 * @param {Clock} clock
 * @param {number} timeoutMs the longest time without data
 * @param {AbortSignal} signal
 * @returns {Promise<LoadResult>}
 */
export function waitForLoad(element, clock, timeoutMs, signal) {
  return new Promise((resolve) => {
    const done = new AbortController();
    const timer = new Timer(clock);
    /** @param {LoadResult} result */
    const finish = (result) => {
      done.abort();
      timer.cancel();
      resolve(result);
    };
    const restart = () => timer.schedule(timeoutMs, () => finish('timeout'));
    /**
     * @param {string} name
     * @param {() => void} listener
     */
    const listen = (name, listener) => element.addEventListener(name, listener, { signal: done.signal });
    restart();
    listen('progress', restart);
    listen('loadedmetadata', () => finish('loaded'));
    listen('error', () => finish('failed'));
    listen('suspend', () => {
      if (element.networkState === NETWORK_IDLE && element.readyState === 0) {
        finish('suspended');
      }
    });
    signal.addEventListener('abort', () => finish('failed'), { signal: done.signal });
  });
}

/**
 * Sets the source of a media element. A new source resets the playback rate of the element, so the function sets the previous rate again.
 *
 * @param {HTMLMediaElement} element
 * @param {string} url
 * @param {number} position the seconds at which the playback starts
 * @param {boolean} mayPlay whether the playback may start. If false, an element with `autoplay` does not start either.
 */
export function setSource(element, url, position, mayPlay) {
  const { playbackRate } = element;
  element.src = url;
  element.playbackRate = playbackRate;
  if (position > 0) {
    // The position is set before the metadata has arrived. The browser therefore seeks before an element with `autoplay` starts.
    element.currentTime = position;
  }

  if (!mayPlay) {
    // The browser may start the playback of a new source automatically, unless `pause` is called.
    element.pause();
  }
}

/**
 * Stops the playback, and removes the source and the loaded data of the element.
 *
 * @param {HTMLMediaElement} element
 */
export function removeSource(element) {
  element.pause();
  element.removeAttribute('src');
  element.load();
}

/**
 * Returns whether the browser has received the part of the file from the current position to the end.
 *
 * @param {HTMLMediaElement} element
 */
export function isBufferedToTheEnd({ buffered, currentTime, duration }) {
  for (let index = 0; index < buffered.length; index++) {
    if (buffered.start(index) <= currentTime && buffered.end(index) >= duration - TOLERANCE_SECONDS) {
      return true;
    }
  }

  return false;
}
