// @ts-check
/** @import { JsonResponse } from './http.js' */
/** @import { SessionApi } from './session-api.js' */
/** @import { SessionScope } from './session-scope.js' */
/** @import { Settings } from './settings.js' */
import { parseRetryAfter } from './http.js';

/**
 * @typedef {object} Health the result of one request for the session's health
 * @property {'healthy' | 'unhealthy' | 'inconclusive' | 'unreachable'} status
 * @property {string} reason
 * @property {boolean} isRejected whether the server rejected the token
 * @property {boolean} needsRefresh whether a recovery must refresh the token first
 * @property {number} retryAfterMs
 * @property {string | null} epoch the epoch of the process that responded
 */

/**
 * Requests the health of a scope's session. Never rejects.
 *
 * @param {SessionApi} api
 * @param {Settings} settings
 * @param {SessionScope} scope
 * @param {string | null} token
 * @returns {Promise<Health>}
 */
export async function requestHealth(api, settings, scope, token) {
  try {
    return parseHealth(await api.request('GET', 'health', token, { signal: scope.signal }), settings);
  } catch {
    return createHealth({ status: 'unreachable', reason: 'unreachable' });
  }
}

/**
 * @param {Partial<Health> & Pick<Health, 'status' | 'reason'>} values
 * @returns {Health}
 */
function createHealth(values) {
  return { isRejected: false, needsRefresh: false, retryAfterMs: 0, epoch: null, ...values };
}

/**
 * @param {JsonResponse} response
 * @param {Settings} settings
 */
function parseHealth({ status, headers, body }, { environment, timings, usesCookies }) {
  const epoch = headers.get('Session-Epoch');
  if (status === 401) {
    return createHealth({ status: 'unhealthy', reason: 'http_401', isRejected: true, needsRefresh: true, epoch });
  }

  if (status !== 200 || (body?.status !== 'healthy' && body?.status !== 'unhealthy')) {
    const inHeader = parseRetryAfter(headers, environment.clock.wallNow(), timings.maxRetryAfterMs);
    const inBody = Number.isFinite(body?.retry_after_ms) ? Math.min(Math.max(body?.retry_after_ms, 0), timings.maxRetryAfterMs) : 0;
    const reason = status === 200 ? 'inconclusive' : `http_${status}`;
    return createHealth({ status: 'inconclusive', reason, retryAfterMs: Math.max(inHeader, inBody), epoch });
  }

  const needsRefresh = !usesCookies && body.status === 'unhealthy' && hasRejectedToken(body.checks);
  return createHealth({ status: body.status, reason: body.status, needsRefresh, epoch });
}

/** @param {unknown} checks */
function hasRejectedToken(checks) {
  return Array.isArray(checks) && checks.some((check) => check?.reason === 'refused' || check?.reason === 'unauthenticated');
}
