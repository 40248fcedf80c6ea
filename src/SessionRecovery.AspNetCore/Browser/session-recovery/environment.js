// @ts-check
/** @import { Environment } from '../session-recovery.js' */

// The only part that uses the browser's clock, random numbers, storage, network, locks and page events directly.

/**
 * Creates an environment from the browser's own means and the given replacements.
 *
 * @param {Partial<Environment>} [overrides]
 * @returns {Environment}
 */
export function createEnvironment(overrides) {
  return { ...createBrowserEnvironment(), ...overrides };
}

/** @returns {Environment} */
function createBrowserEnvironment() {
  return {
    fetch: (input, init) => globalThis.fetch(input, init),
    clock: {
      now: () => performance.now(),
      wallNow: () => Date.now(),
      setTimeout: (callback, milliseconds) => globalThis.setTimeout(callback, milliseconds),
      clearTimeout: (handle) => globalThis.clearTimeout(/** @type {number | undefined} */ (handle)),
    },
    random: getRandom,
    storage: getLocalStorage(),
    locks: globalThis.navigator?.locks ?? null,
    events: { window: globalThis.window ?? null, document: globalThis.document ?? null },
    href: globalThis.location?.href ?? null,
  };
}

function getRandom() {
  const [value = 0] = crypto.getRandomValues(new Uint32Array(1));
  return value / 2 ** 32;
}

// Reading the property throws when the browser blocks cookies and site data.
function getLocalStorage() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

/** A storage that never throws. Values that the browser cannot store are held in memory until the page is closed. */
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
    const inMemory = this.#memory.get(key);
    if (inMemory !== undefined) {
      return inMemory;
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
