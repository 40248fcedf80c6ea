// @ts-check
/** @import { Environment } from '../../session-recovery.js' */

/**
 * @typedef {object} SignOutMessage the message about a sign-out to the other tabs
 * @property {string} userKey the key of the sign-in that ended
 * @property {string | null} refusal the code with which the token verifier rejected the token permanently; null if the user signed out
 */

/**
 * Notifies the other tabs when a sign-in ends. Storage events are not sufficient, because they contain no reason, and do not occur if the
 * browser blocks writes to the storage.
 */
export class BearerChannel {
  #create;
  #name;

  /** @type {ReturnType<NonNullable<Environment['createChannel']>> | null} */
  #open = null;

  /**
   * Opens the channel through which the tabs of the browser report a sign-out.
   * @param {Environment['createChannel']} create null if the browser does not support channels
   * @param {string} name
   */
  constructor(create, name) {
    this.#create = create;
    this.#name = name;
  }

  /** @param {(message: SignOutMessage) => void} listener */
  listen(listener) {
    this.#open ??= this.#tryCreate();
    this.#open?.addEventListener('message', ({ data }) => {
      if (typeof data?.userKey === 'string') {
        listener({ userKey: data.userKey, refusal: typeof data.refusal === 'string' ? data.refusal : null });
      }
    });
  }

  stop() {
    this.#open?.close();
    this.#open = null;
  }

  /** @param {SignOutMessage} message */
  send(message) {
    const channel = this.#open ?? this.#tryCreate();
    channel?.postMessage(message);
    if (channel !== this.#open) {
      channel?.close();
    }
  }

  #tryCreate() {
    try {
      return this.#create?.(this.#name) ?? null;
    } catch {
      // The browser throws an error for a page with an opaque origin. Such a page shares no data with other tabs, so it needs no channel.
      return null;
    }
  }
}
