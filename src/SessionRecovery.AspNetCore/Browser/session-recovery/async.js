// @ts-check
/** @import { Clock } from '../session-recovery.js' */

/**
 * Resolves after the delay. The promise rejects with the signal's reason if the signal is aborted first.
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
 * Resolves after the delay, or earlier if the emitter emits, but not before the minimum delay. The promise rejects if the signal is
 * aborted.
 *
 * @param {Clock} clock
 * @param {number} milliseconds
 * @param {number} leastMs
 * @param {{ subscribe(listener: () => void): () => void }} emitter
 * @param {AbortSignal | null} signal
 */
export async function sleepUnless(clock, milliseconds, leastMs, emitter, signal) {
  const emitted = new AbortController();
  const unsubscribe = emitter.subscribe(() => emitted.abort());
  try {
    await sleep(clock, leastMs, signal);
    if (milliseconds > leastMs) {
      await sleep(clock, milliseconds - leastMs, anySignal(emitted.signal, signal));
    }
  } catch (error) {
    if (!emitted.signal.aborted || signal?.aborted) {
      throw error;
    }
  } finally {
    unsubscribe();
  }
}

/**
 * Waits for a promise, and stops waiting when the signal is aborted. The operation of the promise continues, because other callers may wait
 * for the same promise.
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
 * Runs a callback with a time limit. The signal that the callback receives is aborted when the time limit is reached or the outer signal is
 * aborted. When the signal is aborted, the returned promise rejects, even if the callback ignores the signal.
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

/**
 * Gets a signal that is aborted when either of the two signals is aborted.
 *
 * @param {AbortSignal} first
 * @param {AbortSignal | null | undefined} second
 * @returns {AbortSignal}
 */
export function anySignal(first, second) {
  if (!second) {
    return first;
  }

  if (typeof AbortSignal.any === 'function') {
    return AbortSignal.any([first, second]);
  }

  const controller = new AbortController();
  for (const signal of [first, second]) {
    const onAbort = () => controller.abort(signal.reason);
    signal.aborted ? onAbort() : signal.addEventListener('abort', onAbort, { once: true });
  }

  return controller.signal;
}

/** Schedules at most one callback at a time. */
export class Timer {
  #clock;

  /** @type {unknown} */
  #handle = null;

  /** @type {number | null} monotonic milliseconds; null while nothing is scheduled */
  #dueAt = null;

  /** @param {Clock} clock */
  constructor(clock) {
    this.#clock = clock;
  }

  /**
   * Schedules the callback, and cancels a callback that is already scheduled.
   *
   * @param {number} milliseconds
   * @param {() => void} callback
   */
  schedule(milliseconds, callback) {
    this.cancel();
    this.#dueAt = this.#clock.now() + milliseconds;
    this.#handle = this.#clock.setTimeout(() => {
      this.#dueAt = null;
      callback();
    }, milliseconds);
  }

  /**
   * Schedules the callback, unless another callback is already scheduled for an earlier time.
   *
   * @param {number} milliseconds
   * @param {() => void} callback
   */
  scheduleAtLatest(milliseconds, callback) {
    if (this.#dueAt === null || this.#dueAt > this.#clock.now() + milliseconds) {
      this.schedule(milliseconds, callback);
    }
  }

  cancel() {
    this.#clock.clearTimeout(this.#handle);
    this.#dueAt = null;
  }
}
