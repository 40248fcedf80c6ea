// @ts-check
/** @import { JsonObject } from '../http.js' */
import { parseJsonObject } from '../http.js';

/**
 * Marks a request that a guard has sent. A second guard that receives this request does not wait for the lock that the first guard holds.
 */
export const GUARDED = Symbol('session-recovery.guarded');

/** @typedef {RequestInit & { [GUARDED]?: true }} GuardedInit */

/**
 * Parses the refresh token of a refresh request.
 *
 * @param {RequestInfo | URL} input
 * @param {GuardedInit | undefined} init
 * @returns {string | null} null for any other request, and for a request that a guard has sent
 */
export function parseRefreshToken(input, init) {
  const isRefresh = init?.method === 'POST' && /\/token\?(.*&)?grant_type=refresh_token(&|$)/.test(String(input));
  const token = isRefresh && typeof init.body === 'string' && !init[GUARDED] ? parseJsonObject(init.body)?.refresh_token : null;
  return typeof token === 'string' && token !== '' ? token : null;
}

/**
 * Gets the key under which a client stores its session by default.
 *
 * @param {string} url a URL of the project
 */
export const getDefaultStorageKey = (url) => `sb-${new URL(url).hostname.split('.')[0]}-auth-token`;

/**
 * @param {any} body
 * @returns {body is JsonObject}
 */
export function isSessionBody(body) {
  return typeof body?.access_token === 'string' && typeof body.refresh_token === 'string' && Number.isFinite(body.expires_in);
}

/**
 * Gets the error code. Current servers send the code in `code`, and older servers in `error_code`, with a number in `code`.
 *
 * @param {JsonObject | null} body
 * @returns {string | null}
 */
export function getErrorCode(body) {
  return [body?.code, body?.error_code].find((code) => typeof code === 'string') ?? null;
}

/**
 * @param {number} status
 * @param {unknown} body
 * @param {Record<string, string>} [headers]
 */
export const createResponse = (status, body, headers = {}) =>
  new Response(JSON.stringify(body), { status, headers: { ...headers, 'Content-Type': 'application/json' } });

/** Creates a response that the client treats as a network failure. The client then keeps the session and tries again. */
export const createTransientResponse = () => createResponse(503, { code: 503, msg: 'The session cannot be refreshed at the moment.' });

/** Creates a response after which the client drops its session, because the session has already ended elsewhere. */
export const createEndedResponse = () =>
  createResponse(400, { code: 400, error_code: 'session_ended_elsewhere', msg: 'The session has ended.' });
