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
