// @ts-check

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * @typedef {object} RequestDescription
 * @property {() => RequestInfo} createTarget creates the first argument of `fetch` for one attempt
 * @property {URL} url
 * @property {Headers} headers
 * @property {boolean} isSafe
 * @property {boolean} isBodyRepeatable whether the body can be sent twice
 * @property {boolean} isRepeatable whether the request may be repeated after a failure whose effect is unknown
 * @property {AbortSignal | null} signal
 * @property {boolean} hasOwnAuthorization whether the caller set the header `Authorization`
 */

/**
 * Describes a request and how it may be repeated.
 *
 * @param {RequestInfo | URL} input
 * @param {RequestInit | undefined} init
 * @param {string} baseUrl for relative addresses
 * @returns {RequestDescription}
 */
export function describeRequest(input, init, baseUrl) {
  const request = typeof Request === 'function' && input instanceof Request ? input : null;
  const url = new URL(request?.url ?? String(input), baseUrl);
  const headers = new Headers(init?.headers ?? request?.headers);
  const isSafe = SAFE_METHODS.has((init?.method ?? request?.method ?? 'GET').toUpperCase());
  const isBodyRepeatable = init?.body === undefined ? !request?.body : isRepeatableBody(init.body);
  return {
    // An attempt consumes a Request. Without a body its clone is the same request.
    createTarget: () => (request && isBodyRepeatable ? request.clone() : request ?? url.href),
    url,
    headers,
    isSafe,
    isBodyRepeatable,
    isRepeatable: isBodyRepeatable && (isSafe || headers.has('Idempotency-Key')),
    signal: init?.signal ?? request?.signal ?? null,
    hasOwnAuthorization: headers.has('Authorization'),
  };
}

/**
 * Whether the browser accepts the request at all. It rejects an invalid request with the same error as a lost connection.
 *
 * @param {RequestDescription} description
 * @param {RequestInit | undefined} init
 */
export function isSendable(description, init) {
  if (!description.isBodyRepeatable) {
    return true;
  }

  try {
    return Boolean(new Request(description.createTarget(), init));
  } catch {
    return false;
  }
}

/**
 * An unknown kind of body counts as a stream, which can be read only once.
 *
 * @param {unknown} body
 */
function isRepeatableBody(body) {
  return body === null || body === undefined || typeof body === 'string' || body instanceof URLSearchParams
    || body instanceof Blob || body instanceof FormData || body instanceof ArrayBuffer || ArrayBuffer.isView(body);
}
