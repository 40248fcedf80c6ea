// @ts-check
/** @import { SupabaseSessionLike, SupabaseStorageLike } from '../../session-recovery.js' */
import { parseJsonObject } from '../http.js';
import { getSubject } from '../tokens.js';

/** The error codes of Supabase Auth that end a session. All other failures are transient. */
const FINAL_CODES = new Set([
  'refresh_token_not_found', 'refresh_token_already_used', 'session_not_found', 'session_expired', 'user_banned', 'user_not_found',
]);

/**
 * @typedef {object} SupabaseSession the members of the client's session that the adapter uses
 * @property {string} token
 * @property {string} refreshToken
 * @property {number | null} expiresAt milliseconds since 1970; null if unknown
 * @property {string | null} user
 */

/** @typedef {SupabaseSessionLike & { readonly user?: { readonly id?: string } }} StoredSession */

/**
 * @typedef {object} RefreshFailure the failure of one refresh
 * @property {string} [token] the refresh token that was sent; unknown if only the client's error is known
 * @property {string} reason
 * @property {boolean} isFinal whether the session has ended
 */

/**
 * Returns whether an error code of Supabase Auth ends a session.
 *
 * @param {unknown} code
 * @returns {code is string}
 */
export function isFinalCode(code) {
  return typeof code === 'string' && FINAL_CODES.has(code);
}

/**
 * Reads the session from the client's storage, which may be asynchronous.
 *
 * @param {Pick<SupabaseStorageLike, 'getItem'> | null} storage
 * @param {string} key
 * @returns {Promise<StoredSession | null>}
 */
export async function readStoredSession(storage, key) {
  const value = await storage?.getItem(key);
  const session = typeof value === 'string' ? parseJsonObject(value) : null;
  return isStoredSession(session) ? session : null;
}

/**
 * Converts a session of the client into the members that the adapter uses.
 *
 * @param {unknown} session
 * @returns {SupabaseSession | null} null if the value is not a session
 */
export function toSession(session) {
  if (!isStoredSession(session)) {
    return null;
  }

  return {
    token: session.access_token,
    refreshToken: session.refresh_token,
    expiresAt: Number.isFinite(session.expires_at) ? Number(session.expires_at) * 1000 : null,
    user: getSubject(session.access_token) ?? session.user?.id ?? null,
  };
}

/**
 * Returns whether a session was renewed. Comparing the access tokens is not sufficient, because two tokens that are issued within one
 * second can be equal.
 *
 * @param {SupabaseSession} before
 * @param {SupabaseSession} present
 */
export function isRenewed(before, present) {
  return before.refreshToken !== present.refreshToken || before.expiresAt !== present.expiresAt;
}

/**
 * Classifies an error that the Supabase client returned. If the client was created without `supabaseFetch`, the adapter
 * does not know the response and uses this function.
 *
 * @param {any} error
 * @returns {RefreshFailure | null}
 */
export function toFailure(error) {
  if (!error) {
    return null;
  }

  return isFinalCode(error.code)
    ? { isFinal: true, reason: error.code }
    : { isFinal: false, reason: error.status ? `http_${error.status}` : 'network' };
}

/**
 * Returns whether a value has the members of a stored session.
 *
 * @param {any} session
 * @returns {session is StoredSession}
 */
function isStoredSession(session) {
  return typeof session?.access_token === 'string' && typeof session.refresh_token === 'string';
}
