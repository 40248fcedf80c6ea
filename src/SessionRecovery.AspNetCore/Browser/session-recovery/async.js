// @ts-check
/** @import { Clock } from '../session-recovery.js' */

/**
 * Resolves after the delay. Rejects with the signal's reason when the signal is aborted first.
 *
 * @param {Clock} clock
 * @param {number} milliseconds
 * @param {AbortSignal | null} [signal]
 * @returns {Promise<void>}
 */
export function sleep(clock, milliseconds, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }

    const onAbort = () => {
      clock.clearTimeout(handle);
      reject(signal?.reason);
    };
    const handle = clock.setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/**
 * Waits for a promise, and stops waiting when the signal is aborted. The work behind the promise continues for its other callers.
 *
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal | null} signal
 * @returns {Promise<T>}
 */
export function waitUnlessAborted(promise, signal) {
  if (!signal) {
    return promise;
  }

  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) {
      onAbort();
    }

    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/**
 * Runs work with a time limit. The work's signal is aborted when the time is up or the outer signal is aborted; the returned
 * promise rejects then, even if the work ignores the signal.
 *
 * @template T
 * @param {Clock} clock
 * @param {number} milliseconds
 * @param {(signal: AbortSignal) => Promise<T>} work
 * @param {AbortSignal | null} [outer]
 * @returns {Promise<T>}
 */
export async function withTimeout(clock, milliseconds, work, outer) {
  outer?.throwIfAborted();
  const controller = new AbortController();
  const onOuterAbort = () => controller.abort(outer?.reason);
  const timer = clock.setTimeout(() => controller.abort(new Error('The operation timed out.')), milliseconds);
  outer?.addEventListener('abort', onOuterAbort, { once: true });
  try {
    return await waitUnlessAborted(work(controller.signal), controller.signal);
  } finally {
    clock.clearTimeout(timer);
    outer?.removeEventListener('abort', onOuterAbort);
  }
}
