// @ts-check
/** @import { Environment, SessionAdapter, SessionOptions } from '../session-recovery.js' */
/** @import { Timings } from './retry.js' */
import { SafeStorage, createEnvironment } from './environment.js';
import { resolveBaseUrl } from './http.js';

/** @typedef {Required<NonNullable<SessionOptions['paths']>>} Paths the paths of the server's endpoints */

/**
 * @typedef {object} Settings the options of one session, with all defaults applied
 * @property {Environment} environment
 * @property {SessionAdapter} adapter
 * @property {boolean} usesCookies whether cookies identify the user, because no adapter is set
 * @property {URL} baseUrl
 * @property {Readonly<Paths>} paths
 * @property {Readonly<Timings>} timings
 * @property {{ credentials?: RequestCredentials }} credentials to be spread into a request's options
 * @property {SafeStorage} storage
 * @property {boolean} isCrossOrigin whether the page has another origin than the server
 */

/** @type {Readonly<Paths>} */
const DEFAULT_PATHS = Object.freeze({
  credits: '/auth/credits',
  history: '/auth/credits/history',
  health: '/session/health',
  recover: '/session/recover',
  end: '/session/end',
  files: '/uploads',
});

/** @type {Readonly<Timings>} */
const DEFAULT_TIMINGS = Object.freeze({
  readyTimeoutMs: 10_000,
  requestTimeoutMs: 10_000,
  budgetMs: 30_000,
  answeredRetries: 3,
  answeredRetryMs: 1_000,
  fastRetryForMs: 3_000,
  fastRetryMinMs: 100,
  fastRetryMaxMs: 250,
  maxRetryMs: 30_000,
  maxRetryAfterMs: 60_000,
  cooldownMs: 30_000,
  maxCooldownMs: 300_000,
  idleCheckMs: 0,
});

/**
 * The adapter for a host that signs users in with cookies. The browser sends the cookies, and scripts can neither read nor renew the
 * cookies.
 *
 * @type {SessionAdapter}
 */
const COOKIES = Object.freeze({
  getAccessToken: () => null,
  refresh: () => ({ outcome: /** @type {const} */ ('refused'), reason: 'no_refresh' }),
});

/**
 * Checks the options of a session and applies the defaults.
 *
 * @param {SessionOptions} options
 * @returns {Settings}
 * @throws {TypeError} if the URL of the server or a path is not valid
 */
export function resolveSettings(options) {
  const { baseUrl = '', adapter, paths, environment: overrides, credentials, ...timings } = options;
  const environment = createEnvironment(overrides);
  const url = resolveBaseUrl(baseUrl, environment.href);
  return {
    environment,
    adapter: adapter ?? COOKIES,
    usesCookies: (adapter ?? COOKIES) === COOKIES,
    baseUrl: url,
    paths: resolvePaths(paths),
    timings: { ...DEFAULT_TIMINGS, ...timings },
    credentials: credentials === undefined ? {} : { credentials },
    storage: new SafeStorage(environment.storage),
    isCrossOrigin: environment.href !== null && new URL(environment.href).origin !== url.origin,
  };
}

/** @param {SessionOptions['paths']} paths */
function resolvePaths(paths) {
  const resolved = { ...DEFAULT_PATHS, ...paths };
  for (const [name, path] of Object.entries(resolved)) {
    // A path that does not start with '/' could change the origin when it is appended to the base URL.
    if (!path.startsWith('/')) {
      throw new TypeError(`paths.${name} is '${path}'. A path must start with '/'; the origin is part of baseUrl.`);
    }
  }

  return resolved;
}
