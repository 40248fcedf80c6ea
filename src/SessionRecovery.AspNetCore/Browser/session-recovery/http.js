// @ts-check
/** @import { Environment } from '../session-recovery.js' */
import { withTimeout } from './async.js';

/** @typedef {Record<string, any>} JsonObject */

/**
 * @typedef {object} JsonResponse
 * @property {number} status
 * @property {Headers} headers
 * @property {string} url the address after redirects
 * @property {JsonObject | null} body null if the body is not a JSON object
 */

/**
 * Sends a request and reads its whole body within the time limit. Rejects when no complete response arrived.
 *
 * @param {Pick<Environment, 'fetch' | 'clock'>} environment
 * @param {string} url
 * @param {RequestInit} init its signal, if any, also aborts the request
 * @param {number} timeoutMs
 * @returns {Promise<JsonResponse>}
 */
export function fetchJson(environment, url, init, timeoutMs) {
  return withTimeout(environment.clock, timeoutMs, async (signal) => {
    const response = await environment.fetch(url, { cache: 'no-store', ...init, signal });
    const text = await response.text();
    return { status: response.status, headers: response.headers, url: response.url, body: parseJsonObject(text) };
  }, init.signal);
}

/**
 * Parses a JSON object. Anything else, such as a proxy's page or a truncated body, gives null.
 *
 * @param {string} text
 * @returns {JsonObject | null}
 */
export function parseJsonObject(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/**
 * Parses `Retry-After`, which is a number of seconds or a date.
 *
 * @param {Headers} headers
 * @param {number} wallNow milliseconds since 1970
 * @param {number} maxMs the longest accepted delay
 * @returns {number} milliseconds; 0 if the header is missing, malformed or in the past
 */
export function parseRetryAfter(headers, wallNow, maxMs) {
  const value = headers.get('Retry-After')?.trim();
  if (!value) {
    return 0;
  }

  const delay = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - wallNow;
  return Number.isNaN(delay) ? 0 : Math.min(Math.max(delay, 0), maxMs);
}

/**
 * Resolves the address of a server against the page's address.
 *
 * @param {string} baseUrl empty: the root of the page's origin
 * @param {string | null} href the page's address
 * @returns {URL}
 * @throws {TypeError} if the address is not an http or https address
 */
export function resolveBaseUrl(baseUrl, href) {
  const url = baseUrl === '' ? new URL('/', href ?? undefined) : new URL(baseUrl, href ?? undefined);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    // All other addresses share the origin "null", so a token could reach a foreign server.
    throw new TypeError(`'${url.href}' is not an address of a server. Set baseUrl to an http or https address.`);
  }

  url.search = '';
  url.hash = '';
  return url;
}

/**
 * @param {URL} baseUrl
 * @param {string} path starts with '/'
 * @returns {string}
 */
export function joinUrl(baseUrl, path) {
  return baseUrl.href.replace(/\/$/, '') + path;
}
