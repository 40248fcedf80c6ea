// @ts-check
/** @import { Environment, RefreshResult } from '../../session-recovery.js' */
/** @import { JsonObject, JsonResponse } from '../http.js' */
/** @import { BearerTokens, StoredTokens } from './bearer-tokens.js' */
import { BrowserLock } from '../browser-lock.js';
import { parseTokens } from './bearer-tokens.js';

/** The minimum time between two refusals of the refresh token. Both refusals are required to end a session after a lost response. */
const REFUSAL_INTERVAL_MS = 5_000;

/**
 * @typedef {object} RefreshHooks the functions of the adapter that a refresh calls
 * @property {(body: JsonObject) => Promise<JsonResponse | null>} send null when no response arrived in time
 * @property {(cause: string) => void} end removes the tokens after a final refusal
 */

/**
 * Refreshes the stored tokens in one tab of the browser at a time. If the response to a refresh is lost, the server may have replaced the
 * refresh token. A server that has replaced the refresh token refuses the old one. A refusal after a lost response therefore does not mean
 * that the sign-in is invalid, and only a second refusal some time later ends the session.
 */
export class BearerRefresh {
  #clock;
  #tokens;
  #hooks;
  #lock;

  /**
   * Creates an object that refreshes the tokens of this adapter.
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
   * Refreshes the stored tokens, unless another tab has already refreshed them.
   *
   * @param {string | null} stale the access token that expired or was rejected; null for the stored token
   * @returns {Promise<RefreshResult>}
   */
  async run(stale) {
    const before = this.#tokens.read();
    return before === null
      ? { outcome: 'refused', reason: 'no_session' }
      : this.#lock.run(() => this.#refresh(before, stale ?? before.accessToken));
  }

  /**
   * Sends the refresh request while this tab holds the lock, and stores the new tokens.
   *
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
      // Another tab has used the same refresh token without holding the lock, and has stored new tokens. The response to this refresh is
      // therefore ignored.
      return { outcome: 'refreshed', reason: 'already' };
    }

    return response === null ? createUnavailable('network') : this.#apply(response, earlier, userKey, startedAt);
  }

  /**
   * Stores the tokens of a successful response, or determines the outcome of a failed response.
   *
   * @param {JsonResponse} response
   * @param {import('./bearer-tokens.js').UnansweredRefresh | null} earlier an earlier refresh that received no response
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
      // The status of the response shows that the server did not use the refresh token, so the refresh is not recorded as one whose
      // response was lost.
      this.#tokens.writeUnanswered(earlier);
    }

    return createUnavailable(signInPage === 'redirected' ? 'sign_in_required' : status === 200 ? 'malformed' : `http_${status}`);
  }

  /**
   * Decides whether a refusal of the refresh token ends the sign-in.
   *
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
 * Gets the code with which the server permanently refuses the refresh token. A refusal is a 401 response or the OAuth error
 * `invalid_grant`.
 *
 * @param {JsonResponse} response
 * @returns {string | null} null if the response is not a refusal
 */
function findRefusal({ status, body }) {
  const isInvalidGrant = (status === 400 || status === 403) && [body?.error, body?.code].includes('invalid_grant');
  return isInvalidGrant ? 'invalid_grant' : status === 401 ? 'refused' : null;
}

/**
 * Creates the result of a refresh that failed with a transient error.
 *
 * @param {string} reason
 * @returns {RefreshResult}
 */
const createUnavailable = (reason) => ({ outcome: 'unavailable', reason });
