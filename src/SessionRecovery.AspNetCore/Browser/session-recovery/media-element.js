// @ts-check
/** @import { Clock } from '../session-recovery.js' */
import { Timer } from './async.js';

/** The remaining seconds that count as received, because the duration of a file is rarely exact. */
const TOLERANCE_SECONDS = 0.1;

/**
 * Waits until a media element has loaded the metadata of its new source.
 *
 * @param {HTMLMediaElement} element
 * @param {Clock} clock
 * @param {number} timeoutMs
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>} whether the metadata arrived before an error, the timeout or the abort
 */
export function waitForMetadata(element, clock, timeoutMs, signal) {
  return new Promise((resolve) => {
    const done = new AbortController();
    const timer = new Timer(clock);
    /** @param {boolean} isLoaded */
    const finish = (isLoaded) => {
      done.abort();
      timer.cancel();
      resolve(isLoaded);
    };
    timer.schedule(timeoutMs, () => finish(false));
    element.addEventListener('loadedmetadata', () => finish(true), { signal: done.signal });
    element.addEventListener('error', () => finish(false), { signal: done.signal });
    signal.addEventListener('abort', () => finish(false), { signal: done.signal });
  });
}

/**
 * Returns whether the browser has received the file from the present position to its end.
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
