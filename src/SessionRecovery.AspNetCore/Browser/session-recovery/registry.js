// @ts-check
/** @import { Session } from '../session-recovery.js' */
import { Emitter } from './emitter.js';

/** Lists the sessions of a page, so that an element finds the newest session even if the session is created after the element. */
export class SessionRegistry {
  /** @type {Session[]} */
  #sessions = [];

  /** @type {Emitter<[]>} */
  changed = new Emitter();

  /** Gets the session that was created last and has not been disposed, or null. */
  get newest() {
    return this.#sessions.at(-1) ?? null;
  }

  /** @param {Session} session */
  add(session) {
    this.#sessions.push(session);
    this.changed.emit();
  }

  /** @param {Session} session */
  remove(session) {
    this.#sessions = this.#sessions.filter((other) => other !== session);
    this.changed.emit();
  }
}

/** The registry of this page. */
export const registry = new SessionRegistry();
