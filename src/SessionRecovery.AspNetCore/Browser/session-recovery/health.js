// @ts-check
/** @import { SignInPage } from './http.js' */
/** @import { ApiResponse, SessionApi } from './session-api.js' */
/** @import { SessionScope } from './session-scope.js' */
/** @import { Settings } from './settings.js' */
import { anySignal } from './async.js';
import { parseRetryAfter } from './http.js';
import { getEpoch } from './session-api.js';

/** The values of `reason` in the server's health check which mean that the token was rejected. */
const REJECTIONS = new Set(['refused', 'unauthenticated']);

/**
 * @typedef {object} Health the result of one request for the session's health
 * @property {'healthy' | 'unhealthy' | 'inconclusive' | 'unreachable'} status
 * @property {string} reason
 * @property {boolean} isRejected whether the server rejected the token
 * @property {boolean} isWithoutUser whether the token is valid but contains no user id, in which case a refresh cannot help
 * @property {boolean} needsRefresh whether a recovery must refresh the token first
 * @property {number} retryAfterMs
 * @property {SignInPage | null} signInPage
 * @property {string | null} epoch the epoch of the process that responded
 */

/**
 * Requests the health of a user scope from the server. The promise never rejects.
 *
 * @param {SessionApi} api
 * @param {Settings} settings
 * @param {SessionScope} scope
 * @param {string | null} token
 * @param {AbortSignal} [signal] also aborts the request
 * @returns {Promise<Health>}
 */
export async function requestHealth(api, settings, scope, token, signal) {
  try {
    return parseHealth(await api.request('GET', 'health', token, { signal: anySignal(scope.signal, signal) }), settings);
  } catch {
    return createHealth({ status: 'unreachable', reason: 'unreachable' });
  }
}

/**
 * Creates a result with defaults for all missing values.
 *
 * @param {Partial<Health> & Pick<Health, 'status' | 'reason'>} values
 * @returns {Health}
 */
function createHealth(values) {
  return { isRejected: false, isWithoutUser: false, needsRefresh: false, retryAfterMs: 0, signInPage: null, epoch: null, ...values };
}

/**
 * Determines the health of the session from the server's response.
 *
 * @param {ApiResponse} response
 * @param {Settings} settings
 */
function parseHealth({ status, headers, body, isForeign, signInPage }, { environment, timings }) {
  const epoch = getEpoch({ headers });
  const inHeader = parseRetryAfter(headers, environment.clock.wallNow(), timings.maxRetryAfterMs);
  if (signInPage !== null) {
    return createHealth({ status: 'inconclusive', reason: 'sign_in_required', signInPage, epoch });
  }

  if (isForeign) {
    return createHealth({ status: 'unreachable', reason: `http_${status}`, retryAfterMs: inHeader });
  }

  if (status === 401) {
    const reason = parseReason(body?.code) ?? 'http_401';
    const isWithoutUser = reason === 'no_user_id';
    return createHealth({ status: 'unhealthy', reason, isRejected: true, isWithoutUser, needsRefresh: !isWithoutUser, epoch });
  }

  if (status !== 200 || (body?.status !== 'healthy' && body?.status !== 'unhealthy')) {
    const inBody = Number.isFinite(body?.retry_after_ms) ? Math.min(Math.max(body?.retry_after_ms, 0), timings.maxRetryAfterMs) : 0;
    const reason = status === 200 ? 'inconclusive' : `http_${status}`;
    return createHealth({ status: 'inconclusive', reason, retryAfterMs: Math.max(inHeader, inBody), epoch });
  }

  const rejection = body.status === 'unhealthy' ? findRejection(body.checks) : null;
  return createHealth({ status: body.status, reason: rejection ?? body.status, needsRefresh: rejection !== null, epoch });
}

/**
 * Finds the reason that the probe with the rejected token reported.
 *
 * @param {unknown} checks
 * @returns {string | null}
 */
export function findRejection(checks) {
  const rejected = Array.isArray(checks) ? checks.find((check) => REJECTIONS.has(check?.reason)) : null;
  return rejected?.reason ?? null;
}

/**
 * Returns a code that the server sent, if the code is valid. The code is checked because it becomes part of the session's events.
 *
 * @param {unknown} code
 * @returns {string | null}
 */
export function parseReason(code) {
  return typeof code === 'string' && /^\w{1,64}$/.test(code) ? code : null;
}
