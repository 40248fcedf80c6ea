// @ts-check
/** @import { Environment, RefreshResult } from '../../session-recovery.js' */
/** @import { JsonObject, JsonResponse } from '../http.js' */
/** @import { BearerTokens, StoredTokens } from './bearer-tokens.js' */
import { BrowserLock } from '../browser-lock.js';
import { parseTokens } from './bearer-tokens.js';

/** The minimum time between the two refusals that end a session whose last refresh had no answer. */
const REFUSAL_INTERVAL_MS = 5_000;

/**
 * @typedef {object} RefreshHooks
 * @property {(body: JsonObject) => Promise<JsonResponse | null>} send null when no response arrived in time
 * @property {(cause: string) => void} end removes the tokens after a final refusal
 */

/**
 * Refreshes the stored tokens, once per browser. A server can rotate the refresh token although its answer is lost; it then refuses
 * the old one. Such a refusal says nothing about the user, so it takes two of them, apart in time, to end the session.
 */
export class BearerRefresh {
  #clock;
  #tokens;
  #hooks;
  #lock;

  /**
   * @param {Environment} environment
   * @param {BearerTokens} tokens
   * @param {RefreshHooks} hooks
   */
  constructor(environment, tokens, hooks) {
    this.#clock = environment.clock;
    this.#tokens = tokens;
    this.#hooks = hooks;
    this.#lock = new BrowserLock(environment, `refresh:${tokens.key}`);
  }

  /**
   * @param {string | null} stale the access token that expired or was rejected; null: the stored one
   * @returns {Promise<RefreshResult>}
   */
  async run(stale) {
    const before = this.#tokens.read();
    return before === null
      ? { outcome: 'refused', reason: 'no_session' }
      : this.#lock.run(() => this.#refresh(before, stale ?? before.accessToken));
  }

  /**
   * @param {StoredTokens} before
   * @param {string} stale
   * @returns {Promise<RefreshResult>}
   */
  async #refresh({ userKey }, stale) {
    const before = this.#tokens.read();
    if (before?.userKey !== userKey) {
      return createUnavailable('superseded');
    }

    if (stale !== before.accessToken) {
      return { outcome: 'refreshed', reason: 'already' };
    }

    const earlier = this.#tokens.readUnanswered(userKey);
    const startedAt = this.#clock.wallNow();
    this.#tokens.writeUnanswered({ userKey, refusedAt: earlier?.refusedAt ?? null });
    const response = await this.#hooks.send({ refreshToken: before.refreshToken });
    const present = this.#tokens.read();
    if (present?.userKey !== userKey) {
      return createUnavailable('superseded');
    }

    if (present.refreshToken !== before.refreshToken) {
      // Another tab has used the refresh token first, without the lock. The answer is about the used one.
      return { outcome: 'refreshed', reason: 'already' };
    }

    return response === null ? createUnavailable('network') : this.#apply(response, earlier, userKey, startedAt);
  }

  /**
   * @param {JsonResponse} response
   * @param {import('./bearer-tokens.js').UnansweredRefresh | null} earlier an earlier refresh that had no answer
   * @param {string} userKey
   * @param {number} startedAt
   * @returns {RefreshResult}
   */
  #apply(response, earlier, userKey, startedAt) {
    const { status, body, signInPage } = response;
    const tokens = status === 200 ? parseTokens(body, startedAt) : null;
    if (tokens !== null) {
      this.#tokens.write(tokens, userKey);
      this.#tokens.writeUnanswered(null);
      return { outcome: 'refreshed', reason: 'refreshed' };
    }

    const refusal = findRefusal(response);
    if (refusal !== null) {
      return this.#applyRefusal(refusal, earlier, userKey);
    }

    if (status > 200 && status < 500 && signInPage === null) {
      // The server has answered that it did nothing.
      this.#tokens.writeUnanswered(earlier);
    }

    return createUnavailable(signInPage === 'redirected' ? 'sign_in_required' : status === 200 ? 'malformed' : `http_${status}`);
  }

  /**
   * @param {string} refusal
   * @param {import('./bearer-tokens.js').UnansweredRefresh | null} earlier
   * @param {string} userKey
   * @returns {RefreshResult}
   */
  #applyRefusal(refusal, earlier, userKey) {
    const now = this.#clock.wallNow();
    const refusedAt = earlier?.refusedAt ?? null;
    if (earlier !== null && (refusedAt === null || Math.abs(now - refusedAt) < REFUSAL_INTERVAL_MS)) {
      this.#tokens.writeUnanswered({ userKey, refusedAt: refusedAt ?? now });
      return createUnavailable('refused_after_lost_answer');
    }

    this.#hooks.end(refusal);
    return { outcome: 'refused', reason: refusal };
  }
}

/**
 * Gets why the server refuses the refresh token for good: it answers 401, or `invalid_grant` as OAuth does.
 *
 * @param {JsonResponse} response
 * @returns {string | null}
 */
function findRefusal({ status, body }) {
  const isInvalidGrant = (status === 400 || status === 403) && [body?.error, body?.code].includes('invalid_grant');
  return isInvalidGrant ? 'invalid_grant' : status === 401 ? 'refused' : null;
}

/**
 * @param {string} reason
 * @returns {RefreshResult}
 */
const createUnavailable = (reason) => ({ outcome: 'unavailable', reason });
