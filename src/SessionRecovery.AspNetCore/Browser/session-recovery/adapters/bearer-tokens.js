// @ts-check
/** @import { Environment } from '../../session-recovery.js' */
/** @import { JsonObject } from '../http.js' */
import { SafeStorage } from '../environment.js';
import { parseJsonObject } from '../http.js';
import { parseAccessToken } from '../tokens.js';

/**
 * @typedef {object} Tokens the tokens of one sign-in
 * @property {string} accessToken
 * @property {string} refreshToken
 * @property {number | null} expiresAt milliseconds since 1970; null if unknown
 */

/** @typedef {Tokens & { userKey: string }} StoredTokens */

/**
 * @typedef {object} UnansweredRefresh a refresh whose response has not arrived. The refresh is stored, because the user may close the page
 * before the response arrives
 * @property {string} userKey
 * @property {number | null} refusedAt the time at which the server later refused the refresh token, in milliseconds since 1970
 */

/**
 * Reads and writes the tokens in a storage that all tabs share. The tokens are not cached in memory, because another tab may have renewed
 * them.
 */
export class BearerTokens {
  #storage;
  #unansweredKey;

  /**
   * Creates an object that stores the tokens of one server.
   * @param {Environment['storage']} storage
   * @param {URL} baseUrl the server that issues the tokens
   */
  constructor(storage, baseUrl) {
    this.#storage = new SafeStorage(storage);
    this.key = `session-recovery:tokens:${baseUrl.href}`;
    this.#unansweredKey = `session-recovery:refresh:${baseUrl.href}`;
  }

  /** @returns {StoredTokens | null} */
  read() {
    const stored = this.#storage.getJson(this.key);
    return typeof stored?.accessToken === 'string' && typeof stored.refreshToken === 'string' ? stored : null;
  }

  /**
   * Stores the tokens of a sign-in.
   *
   * @param {Tokens} tokens
   * @param {string} userKey
   */
  write(tokens, userKey) {
    this.#storage.setJson(this.key, { ...tokens, userKey });
  }

  remove() {
    this.#storage.remove(this.key);
    this.#storage.remove(this.#unansweredKey);
  }

  /**
   * Reads the stored refresh without a response that belongs to the sign-in with this key.
   *
   * @param {string} userKey
   * @returns {UnansweredRefresh | null}
   */
  readUnanswered(userKey) {
    const stored = this.#storage.getJson(this.#unansweredKey);
    return stored?.userKey === userKey ? { userKey, refusedAt: Number.isFinite(stored.refusedAt) ? stored.refusedAt : null } : null;
  }

  /** @param {UnansweredRefresh | null} refresh */
  writeUnanswered(refresh) {
    if (refresh === null) {
      this.#storage.remove(this.#unansweredKey);
    } else {
      this.#storage.setJson(this.#unansweredKey, refresh);
    }
  }
}

/**
 * Creates a random key that identifies one sign-in. The e-mail address is not used, because the key becomes part of a storage key.
 *
 * @param {() => number} random
 */
export function createUserKey(random) {
  return Array.from({ length: 4 }, () => Math.floor(random() * 2 ** 32).toString(36)).join('');
}

/** @param {string | null} value */
export function parseUserKey(value) {
  return value ? parseJsonObject(value)?.userKey : null;
}

/**
 * Parses the tokens in the response of a bearer endpoint.
 *
 * @param {JsonObject | null} body
 * @param {number} startedAt the time at which the request started, from which the lifetime of the tokens is counted
 * @returns {Tokens | null}
 */
export function parseTokens(body, startedAt) {
  const accessToken = parseAccessToken(body?.accessToken);
  if (accessToken === null || typeof body?.refreshToken !== 'string' || body.refreshToken === '') {
    return null;
  }

  const hasLifetime = Number.isFinite(body.expiresIn) && body.expiresIn > 0;
  return { accessToken, refreshToken: body.refreshToken, expiresAt: hasLifetime ? startedAt + body.expiresIn * 1000 : null };
}
