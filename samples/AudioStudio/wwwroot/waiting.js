/** This module represents an action of the user that waits for the server, such as a sign-in during a restart. */

let current = null;

/** The event `changed` is dispatched when an action begins or ends. */
export const waits = new EventTarget();

/**
 * The action that is running, or null. Its member `promise` is a sentence that describes what happens when the server can be reached again.
 */
export const currentWait = () => current;

/** Begins an action, which ends when `signal` is aborted by `cancel`. */
export function beginWait(promise) {
  const controller = new AbortController();
  current = { promise, signal: controller.signal, cancel: () => controller.abort() };
  waits.dispatchEvent(new Event('changed'));
  return current;
}

export function endWait() {
  current = null;
  waits.dispatchEvent(new Event('changed'));
}
