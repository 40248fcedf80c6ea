// @ts-check
/** @import { Environment } from '../../session-recovery.js' */

/**
 * @typedef {object} SignOutMessage
 * @property {string} userKey the sign-in that ended
 * @property {string | null} refusal why the token verifier refused it for good; null if the user signed out
 */

/**
 * Tells the other tabs about the end of a sign-in. The storage tells them too, unless the browser refuses to write to it, and it does
 * not tell them the reason.
 */
export class BearerChannel {
  #create;
  #name;

  /** @type {ReturnType<NonNullable<Environment['createChannel']>> | null} */
  #open = null;

  /**
   * @param {Environment['createChannel']} create null: the browser has no channels
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
      // A page with an opaque origin shares nothing with other tabs.
      return null;
    }
  }
}
