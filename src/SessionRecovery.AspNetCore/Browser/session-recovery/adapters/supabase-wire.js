// @ts-check
/** @import { JsonObject } from '../http.js' */
import { parseJsonObject } from '../http.js';

/**
 * The name of a mark on each request that a guard has sent. A second guard that receives a marked request does not wait for the lock,
 * because the first guard holds it.
 */
export const GUARDED = Symbol('session-recovery.guarded');

/** @typedef {RequestInit & { [GUARDED]?: true }} GuardedInit */

/**
 * Parses the refresh token of a refresh request.
 *
 * @param {RequestInfo | URL} input
 * @param {GuardedInit | undefined} init
 * @returns {string | null} null if the request is not a refresh, or if another guard has sent the request
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
 * Returns whether a response body contains a session.
 *
 * @param {any} body
 * @returns {body is JsonObject}
 */
export function isSessionBody(body) {
  return typeof body?.access_token === 'string' && typeof body.refresh_token === 'string' && Number.isFinite(body.expires_in);
}

/**
 * Gets the error code of a response body. Current servers send the text in the member `code`. Older servers send the text in `error_code`
 * and a number in `code`.
 *
 * @param {JsonObject | null} body
 * @returns {string | null}
 */
export function getErrorCode(body) {
  return [body?.code, body?.error_code].find((code) => typeof code === 'string') ?? null;
}

/**
 * Creates a response with a JSON body.
 *
 * @param {number} status
 * @param {unknown} body
 * @param {Record<string, string>} [headers]
 */
export const createResponse = (status, body, headers = {}) =>
  new Response(JSON.stringify(body), { status, headers: { ...headers, 'Content-Type': 'application/json' } });

/** Creates a response that the client treats as a network failure, so that the client keeps the session and tries again. */
export const createTransientResponse = () => createResponse(503, { code: 503, msg: 'The session cannot be refreshed at the moment.' });

/**
 * Creates a response after which the client removes its session. The response is used if the session has already ended, for example in
 * another tab.
 */
export const createEndedResponse = () =>
  createResponse(400, { code: 400, error_code: 'session_ended_elsewhere', msg: 'The session has ended.' });
