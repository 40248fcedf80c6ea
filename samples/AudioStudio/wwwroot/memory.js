/**
 * Stores values under names that begin with `studio.`. Values for all tabs are in `localStorage`, and values for this tab are in
 * `sessionStorage`. If the browser blocks a storage, the values are kept in memory until a reload.
 */

const PREFIX = 'studio.';

function createMemory(getStorage) {
  const fallback = new Map();
  return {
    /** Returns a stored value, or null. */
    recall: (name) => {
      try {
        return fallback.has(name) ? fallback.get(name) : JSON.parse(getStorage().getItem(PREFIX + name) ?? 'null');
      } catch {
        return fallback.get(name) ?? null;
      }
    },

    remember: (name, value) => {
      try {
        getStorage().setItem(PREFIX + name, JSON.stringify(value));
        fallback.delete(name);
      } catch {
        // The storage is full or blocked, so the value remains in memory only.
        fallback.set(name, value);
      }
    },

    forget: (name) => {
      fallback.delete(name);
      try {
        getStorage().removeItem(PREFIX + name);
      } catch {
        // Without access to the storage, no value was stored.
      }
    },

    /** Returns the names of all stored values that begin with the given text. */
    recallNames: (beginning) => {
      const names = new Set(fallback.keys());
      try {
        Object.keys(getStorage()).filter((key) => key.startsWith(PREFIX)).forEach((key) => names.add(key.slice(PREFIX.length)));
      } catch {
        // Only the values in memory exist.
      }

      return [...names].filter((name) => name.startsWith(beginning));
    },
  };
}

export const { recall, remember, forget, recallNames } = createMemory(() => localStorage);

/** Calls the handler when another tab has stored or removed a value whose name begins with the given text. */
export function whenChangedElsewhere(beginning, handler) {
  addEventListener('storage', ({ key }) => {
    if (key === null || key.startsWith(PREFIX + beginning)) {
      handler();
    }
  });
}

/** The values of this tab. */
export const tab = createMemory(() => sessionStorage);
