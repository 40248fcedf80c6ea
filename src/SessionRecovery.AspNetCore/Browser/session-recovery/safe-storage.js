// @ts-check
/** @import { Environment } from '../session-recovery.js' */

/** A storage that never throws. Values that the browser refuses to store are kept in memory until the page is closed. */
export class SafeStorage {
  #storage;

  /** @type {Map<string, string>} */
  #memory = new Map();

  /** @param {Environment['storage']} storage null: memory only */
  constructor(storage) {
    this.#storage = storage;
  }

  /**
   * @param {string} key
   * @returns {string | null}
   */
  get(key) {
    const kept = this.#memory.get(key);
    if (kept !== undefined) {
      return kept;
    }

    try {
      return this.#storage?.getItem(key) ?? null;
    } catch {
      return null;
    }
  }

  /**
   * @param {string} key
   * @param {string} value
   */
  set(key, value) {
    try {
      if (this.#storage) {
        this.#storage.setItem(key, value);
        this.#memory.delete(key);
        return;
      }
    } catch {
      // The storage is blocked or full.
    }

    this.#memory.set(key, value);
  }

  /** @param {string} key */
  remove(key) {
    this.#memory.delete(key);
    try {
      this.#storage?.removeItem(key);
    } catch {
      // A storage that refuses to remove a value has refused to write it.
    }
  }

  /**
   * @param {string} key
   * @returns {any} the parsed value; null if it is missing or not JSON
   */
  getJson(key) {
    try {
      return JSON.parse(this.get(key) ?? 'null');
    } catch {
      return null;
    }
  }

  /**
   * @param {string} key
   * @param {unknown} value
   */
  setJson(key, value) {
    this.set(key, JSON.stringify(value));
  }
}
