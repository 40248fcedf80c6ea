// @ts-check
/** @import { Environment } from '../session-recovery.js' */

// This file is the only part of the module that directly uses the browser's clock, random numbers, storage, network, locks and events.

/** The `fetch` function of the page at the time when the module was loaded. */
const loadedFetch = globalThis.fetch;

/**
 * @type {WeakMap<Function, typeof fetch>} maps each `session.fetch` to the `fetch` function that its session uses. A page may assign
 * `session.fetch` to `window.fetch`, but the module must not call itself
 */
const fetchesBehindSessions = new WeakMap();

/** @type {Set<Function>} the functions that the module is calling at this moment */
const runningFetches = new Set();

/**
 * Creates an environment from the browser's own features and the given replacements.
 *
 * @param {Partial<Environment>} [overrides]
 * @returns {Environment}
 */
export function createEnvironment(overrides) {
  const environment = { ...createBrowserEnvironment(), ...overrides };
  environment.fetch = bindFetch(environment.fetch);
  if (overrides?.href === undefined) {
    // The URL is read at each use, because a page can change its URL without a reload.
    Object.defineProperty(environment, 'href', { get: getPageAddress, enumerable: true });
  }

  return environment;
}

/** @returns {Environment} */
function createBrowserEnvironment() {
  return {
    fetch: globalThis.fetch,
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
    createChannel: typeof BroadcastChannel === 'function' && globalThis.document ? (name) => new BroadcastChannel(name) : null,
    href: null,
  };
}

/**
 * Gets the base URL against which the browser resolves relative URLs. In a `srcdoc` frame, this is the base URL of the surrounding page.
 */
function getPageAddress() {
  return globalThis.document?.baseURI ?? globalThis.location?.href ?? null;
}

/**
 * Captures the given `fetch` function. A page may later assign `session.fetch` to `window.fetch` without changing the captured function.
 * If the captured function calls `session.fetch`, it would call itself in a loop. In this case, the `fetch` function that the page had when
 * the module was loaded is called instead.
 *
 * @param {Environment['fetch']} given
 * @returns {Environment['fetch']}
 */
function bindFetch(given) {
  const captured = fetchesBehindSessions.get(given) ?? given;
  return (input, init) => {
    const isLoop = runningFetches.has(captured);
    if (isLoop) {
      return loadedFetch.call(globalThis, input, init);
    }

    runningFetches.add(captured);
    try {
      return captured.call(globalThis, input, init);
    } finally {
      runningFetches.delete(captured);
    }
  };
}

/**
 * Creates `session.fetch`. If the page's `window.fetch` calls `session.fetch`, a request that the module sends through `window.fetch` would
 * return to `session.fetch` and wait for itself. Such a call is therefore passed to the captured `fetch` function.
 *
 * @param {Environment['fetch']} behind
 * @param {Environment['fetch']} send
 * @returns {Environment['fetch']}
 */
export function createSessionFetch(behind, send) {
  /** @type {Environment['fetch']} */
  const sessionFetch = (input, init) => (runningFetches.size > 0 ? behind(input, init) : send(input, init));
  fetchesBehindSessions.set(sessionFetch, behind);
  return sessionFetch;
}

function getRandom() {
  const [value = 0] = crypto.getRandomValues(new Uint32Array(1));
  return value / 2 ** 32;
}

// If the browser blocks cookies and site data, reading the property `localStorage` throws an error.
function getLocalStorage() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

/**
 * Wraps a storage, and never throws an error. Values that the browser cannot store are kept in memory until the page is closed or another
 * tab changes the stored value.
 */
export class SafeStorage {
  #storage;

  /**
   * @type {Map<string, { value: string | null, stored: string | null }>} values that could not be stored, each with the value that was
   * stored at that time
   */
  #memory = new Map();

  /**
   * Creates a storage that never throws an error.
   * @param {Environment['storage']} storage null to use only memory
   */
  constructor(storage) {
    this.#storage = storage;
  }

  /**
   * Reads a value, from memory if the value could not be stored.
   *
   * @param {string} key
   * @returns {string | null}
   */
  get(key) {
    const stored = this.#read(key);
    const inMemory = this.#memory.get(key);
    if (inMemory === undefined || (stored !== undefined && stored !== inMemory.stored)) {
      this.#memory.delete(key);
      return stored ?? null;
    }

    return inMemory.value;
  }

  /**
   * Stores a value.
   *
   * @param {string} key
   * @param {string} value
   */
  set(key, value) {
    this.#write(key, value, (storage) => storage.setItem(key, value));
  }

  /** @param {string} key */
  remove(key) {
    this.#write(key, null, (storage) => storage.removeItem(key));
  }

  /**
   * Reads a stored value and parses its JSON.
   *
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
   * Stores a value as JSON.
   *
   * @param {string} key
   * @param {unknown} value
   */
  setJson(key, value) {
    this.set(key, JSON.stringify(value));
  }

  /**
   * Reads a value from the browser's storage.
   *
   * @param {string} key
   * @returns {string | null | undefined} undefined if the storage cannot be read
   */
  #read(key) {
    try {
      return this.#storage?.getItem(key) ?? null;
    } catch {
      return undefined;
    }
  }

  /**
   * Writes a value to the browser's storage, or keeps the value in memory if the storage fails.
   *
   * @param {string} key
   * @param {string | null} value null: the value is removed
   * @param {(storage: NonNullable<Environment['storage']>) => void} write
   */
  #write(key, value, write) {
    try {
      if (this.#storage) {
        write(this.#storage);
        this.#memory.delete(key);
        return;
      }
    } catch {
      // The storage is blocked or full, so the value is kept in memory.
    }

    this.#memory.set(key, { value, stored: this.#read(key) ?? null });
  }
}
