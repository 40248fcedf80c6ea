// @ts-check
/** @import { Environment } from '../session-recovery.js' */
import { withTimeout } from './async.js';

/** @typedef {Record<string, any>} JsonObject */

/**
 * @typedef {object} JsonResponse a response whose body was read completely
 * @property {number} status
 * @property {Headers} headers
 * @property {JsonObject | null} body null if the body is not a JSON object
 * @property {SignInPage | null} signInPage
 */

/**
 * @typedef {'redirected' | 'html'} SignInPage describes a sign-in page that responded to one of the module's own requests in place of the
 *   application: with a redirect, or with an HTML page
 */

const REDIRECT_STATUSES = new Set([301, 302, 303, 307, 308]);

/** Matches the path of a module file, which consists of the application's path, a folder named by a hash, and the file name. */
const PART_ADDRESS = /^(.*\/)session-recovery\/[0-9a-f]{16}\/[\w/-]+\.js$/;

/**
 * Sends a request and reads its whole body within the time limit. The promise rejects if no complete response arrives.
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
    const { status, headers } = response;
    return { status, headers, body: parseJsonObject(await response.text()), signInPage: findSignInPage(response) };
  }, init.signal);
}

/**
 * Returns whether a sign-in page responded to one of the module's own requests. The sign-in page may belong to an access proxy, a captive
 * portal, or a host that redirects to its own sign-in page. The endpoints of SessionRecovery send only JSON and no redirects, so HTML or a
 * redirect comes from a sign-in page.
 *
 * @param {Response} response
 * @returns {SignInPage | null}
 */
export function findSignInPage({ type, status, headers }) {
  if (type === 'opaqueredirect' || REDIRECT_STATUSES.has(status)) {
    return 'redirected';
  }

  return status === 200 && isHtml(headers) ? 'html' : null;
}

/**
 * Returns whether shared caches may store a response. The server sends no epoch with a response that shared caches may store.
 *
 * @param {Headers} headers
 */
export function isPublic(headers) {
  return /\bpublic\b/i.test(headers.get('Cache-Control') ?? '');
}

/** @param {Headers} headers */
export function isHtml(headers) {
  return /^\s*(text\/html|application\/xhtml\+xml)\b/i.test(headers.get('Content-Type') ?? '');
}

/**
 * Parses a JSON object. Returns null for any other text, such as an HTML page of a proxy or a truncated body.
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
 * Parses the header `Retry-After`, which contains a number of seconds or a date.
 *
 * @param {Headers} headers
 * @param {number} wallNow milliseconds since 1970
 * @param {number} maxMs the maximum accepted delay
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
 * Finds the URL of the application that served the module.
 *
 * @param {string | undefined} moduleUrl the URL of a module file; undefined in some bundles
 * @returns {string | null} null if the module was not served by SessionRecovery, for example because it is part of a bundle
 */
export function findApplicationUrl(moduleUrl) {
  const url = moduleUrl?.startsWith('http') ? new URL(moduleUrl) : null;
  const [, folder] = PART_ADDRESS.exec(url?.pathname ?? '') ?? [];
  if (url === null || folder === undefined) {
    return null;
  }

  // The path is not the default path of the module, so the host has mapped the module at another path. The function assumes that the
  // application is at the root of the origin.
  return new URL(folder.endsWith('/session/') ? folder.slice(0, -'session/'.length) : '/', url).href;
}

/**
 * Resolves the URL of a server.
 *
 * @param {string} baseUrl absolute, or relative to the page. If it is empty, the URL of the application that served the module is used. If
 *   that URL is unknown, the root of the page's origin is used.
 * @param {string | null} href the URL of the page
 * @param {string | null} [applicationUrl]
 * @returns {URL}
 * @throws {TypeError} if the address is not an http or https address
 */
export function resolveBaseUrl(baseUrl, href, applicationUrl = findApplicationUrl(import.meta.url)) {
  const given = baseUrl === '' ? applicationUrl ?? '/' : baseUrl;
  const url = tryParseUrl(given, href);
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    // All URLs with another scheme have the origin "null". They would all count as one origin and receive the token.
    throw new TypeError(
      `No server is known: baseUrl is '${baseUrl}', and the address of the page is '${href ?? 'unknown'}'. `
      + 'Set baseUrl to an absolute http or https address. Outside a browser, and in a page without a server of its own, it is required.');
  }

  url.search = '';
  url.hash = '';
  return url;
}

/**
 * Parses a URL, and returns null if the text is not a URL.
 *
 * @param {string} url
 * @param {string | null} base
 */
function tryParseUrl(url, base) {
  try {
    return new URL(url, base ?? undefined);
  } catch {
    return null;
  }
}

/**
 * Appends a path to the URL of the server.
 *
 * @param {URL} baseUrl
 * @param {string} path starts with '/'
 * @returns {string}
 */
export function joinUrl(baseUrl, path) {
  return baseUrl.href.replace(/\/$/, '') + path;
}
