// @ts-check
/** @import { Clock } from '../../session-recovery.js' */
/** @import { StoredSession } from './supabase-session.js' */

/** The time for which Supabase Auth must repeat the code `validation_failed` before the code ends the session. */
const REPEATED_MS = 120_000;

/**
 * Decides when `validation_failed` ends a session. Supabase Auth returns this code for a malformed refresh token, but also for valid tokens
 * while it runs with a restored database or with another configuration. The code is final only if Auth has repeated it for two minutes and
 * the access token has expired.
 */
export class Rejections {
  #clock;

  /** @type {{ token: string, at: number } | null} the refresh token that was rejected last, and the time of its first rejection */
  #first = null;

  /** @param {Clock} clock */
  constructor(clock) {
    this.#clock = clock;
  }

  /**
   * Records a response to a refresh, and returns whether the session has ended.
   *
   * @param {string} code the error code
   * @param {string} token the refresh token
   * @param {StoredSession | null | undefined} session the stored session; undefined if the storage cannot be read
   */
  isFinal(code, token, session) {
    if (code !== 'validation_failed') {
      return false;
    }

    if (this.#first?.token !== token) {
      this.#first = { token, at: this.#clock.wallNow() };
    }

    const now = this.#clock.wallNow();
    const isExpired = session?.refresh_token === token && Number(session.expires_at) * 1000 <= now;
    return isExpired && now - this.#first.at >= REPEATED_MS;
  }
}
