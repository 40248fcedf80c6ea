/** The values that the page keeps in `localStorage` under `studio.`. If the browser blocks the storage, the values last until a reload. */

const PREFIX = 'studio.';
const fallback = new Map();

/** Returns a stored value, or null. */
export function recall(name) {
  try {
    return fallback.has(name) ? fallback.get(name) : JSON.parse(localStorage.getItem(PREFIX + name) ?? 'null');
  } catch {
    return fallback.get(name) ?? null;
  }
}

export function remember(name, value) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
    fallback.delete(name);
  } catch {
    // The storage is full or blocked, so the value remains in memory only.
    fallback.set(name, value);
  }
}

export function forget(name) {
  fallback.delete(name);
  try {
    localStorage.removeItem(PREFIX + name);
  } catch {
    // Without access to the storage, no value was stored.
  }
}

/** Returns the names of all stored values that begin with the given text. */
export function recallNames(beginning) {
  const names = new Set(fallback.keys());
  try {
    Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)).forEach((key) => names.add(key.slice(PREFIX.length)));
  } catch {
    // Only the values in memory exist.
  }

  return [...names].filter((name) => name.startsWith(beginning));
}
