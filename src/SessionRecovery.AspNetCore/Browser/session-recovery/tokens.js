// @ts-check
/** @import { SessionAdapter } from '../session-recovery.js' */

/**
 * @typedef {object} UserIdentity the signed-in user and the access token
 * @property {string | null} token null: no user is signed in, or the host uses cookies
 * @property {number | null} expiresAt milliseconds since 1970; null if unknown
 * @property {string | null} userKey identifies the account; null if unknown
 */

/** @type {Readonly<UserIdentity>} */
export const ANONYMOUS = Object.freeze({ token: null, expiresAt: null, userKey: null });

/**
 * Gets the token from the value that an adapter returned, if the token can be sent in a header. The texts "null" and "undefined" are not
 * valid tokens: a page that stores the value null or undefined in a storage later reads one of these texts.
 *
 * @param {unknown} value a token, or an object with a token
 * @returns {string | null}
 */
export function parseAccessToken(value) {
  const token = typeof value === 'string' ? value : /** @type {{ token?: unknown } | null | undefined} */ (value)?.token;
  const isSendable = typeof token === 'string' && /^[\x21-\x7e]+$/.test(token);
  return isSendable && token !== 'null' && token !== 'undefined' ? token : null;
}

/**
 * Gets the subject of a JSON web token without verifying the token. The subject only distinguishes accounts and grants no rights.
 *
 * @param {string} token
 * @returns {string | null}
 */
export function getSubject(token) {
  try {
    const payload = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const subject = JSON.parse(atob(payload)).sub;
    return typeof subject === 'string' ? subject : null;
  } catch {
    return null;
  }
}

/**
 * Reads the signed-in user from an adapter.
 *
 * @param {SessionAdapter} adapter
 * @returns {Promise<Readonly<UserIdentity>>}
 */
export async function readIdentity(adapter) {
  const given = await adapter.getAccessToken();
  const token = parseAccessToken(given);
  if (token === null) {
    return ANONYMOUS;
  }

  const expiresAt = typeof given === 'object' && Number.isFinite(given?.expiresAt) ? given?.expiresAt ?? null : null;
  return Object.freeze({ token, expiresAt, userKey: adapter.userKey?.() ?? getSubject(token) });
}
