// @ts-check

/**
 * Calls a list of listeners. If a listener throws an error, the other listeners are still called.
 *
 * @template {unknown[]} Values
 */
export class Emitter {
  /** @type {Set<(...values: Values) => void>} */
  #listeners = new Set();

  /** Gets a value that indicates whether there is no listener. */
  get isEmpty() {
    return this.#listeners.size === 0;
  }

  /**
   * Adds a listener to the list.
   *
   * @param {(...values: Values) => void} listener
   * @returns {() => void} ends the subscription
   */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** @param {Values} values */
  emit(...values) {
    for (const listener of [...this.#listeners]) {
      try {
        listener(...values);
      } catch (error) {
        reportUncaught(error);
      }
    }
  }

  clear() {
    this.#listeners.clear();
  }
}

// Reports a listener's error as an uncaught error of the page, so that the page's error tracking receives it.
/** @param {unknown} error */
function reportUncaught(error) {
  if (typeof globalThis.reportError === 'function') {
    globalThis.reportError(error);
  } else {
    console.error(error);
  }
}
