// @ts-check

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The maximum total size in bytes of the bodies of all running requests with `keepalive`. */
const MAX_KEEPALIVE_BYTES = 65_536;

/**
 * @typedef {object} RequestDescription a request of the page, and how the request may be repeated
 * @property {() => RequestInfo} createTarget creates the first argument of `fetch` for one attempt
 * @property {RequestInit | undefined} init
 * @property {URL} url
 * @property {string} method
 * @property {Headers} headers
 * @property {boolean} isSafe
 * @property {boolean} isBodyRepeatable whether the body can be sent twice
 * @property {boolean} isRepeatable whether the request may be repeated after a failure whose effect is unknown
 * @property {boolean} isKeepalive
 * @property {AbortSignal | null} signal
 * @property {boolean} hasOwnAuthorization whether the caller set the header `Authorization`
 */

/**
 * Describes a request and the conditions under which it may be repeated.
 *
 * @param {RequestInfo | URL} input
 * @param {RequestInit | undefined} init
 * @param {string} pageUrl the base URL for relative URLs
 * @returns {RequestDescription}
 */
export function describeRequest(input, init, pageUrl) {
  if (isRequest(init)) {
    // The members of a Request are accessors of its prototype, so copying a Request with the spread syntax would lose them.
    return describeRequest(new Request(isRequest(input) ? input : new URL(String(input), pageUrl), init), undefined, pageUrl);
  }

  const request = isRequest(input) ? input : null;
  const url = new URL(request?.url ?? String(input), pageUrl);
  const headers = new Headers(init?.headers ?? request?.headers);
  const method = (init?.method ?? request?.method ?? 'GET').toUpperCase();
  const isSafe = SAFE_METHODS.has(method);
  const isBodyRepeatable = init?.body === undefined || init.body === null ? !request?.bodyUsed : isRepeatableBody(init.body);
  return {
    // Sending a Request consumes its body, so each attempt sends a copy of the Request.
    createTarget: () => request?.clone() ?? url.href,
    init,
    url,
    method,
    headers,
    isSafe,
    isBodyRepeatable,
    isRepeatable: isBodyRepeatable && (isSafe || headers.has('Idempotency-Key')),
    isKeepalive: init?.keepalive ?? request?.keepalive ?? false,
    signal: init?.signal ?? request?.signal ?? null,
    hasOwnAuthorization: headers.has('Authorization'),
  };
}

/**
 * Returns whether the browser accepts the request. The browser rejects an invalid request with the same error as a lost connection.
 *
 * @param {RequestDescription} description
 */
export function isSendable({ isBodyRepeatable, createTarget, init }) {
  if (!isBodyRepeatable) {
    return init?.body !== undefined && init.body !== null;
  }

  try {
    return Boolean(new Request(createTarget(), init));
  } catch {
    return false;
  }
}

/**
 * Returns whether the body of a `keepalive` request exceeds the browser's limit. The browser rejects such a request with the same error as
 * a lost connection.
 *
 * @param {RequestDescription} description
 * @returns {Promise<boolean>}
 */
export async function isTooLargeForKeepalive({ isKeepalive, isBodyRepeatable, createTarget, init }) {
  if (!isKeepalive || !isBodyRepeatable) {
    return false;
  }

  const target = createTarget();
  const body = init?.body ?? (isRequest(target) ? target : null);
  return body !== null && await getSize(body) > MAX_KEEPALIVE_BYTES;
}

/**
 * Returns the size of a request body.
 * @param {BodyInit | Request} body
 * @returns {Promise<number> | number} the size in bytes. A promise is returned only if necessary, because a page that is being closed
 * cannot wait for a promise before it sends a `keepalive` request.
 */
function getSize(body) {
  if (typeof body === 'string' || body instanceof URLSearchParams) {
    return new TextEncoder().encode(String(body)).length;
  }

  if (body instanceof Blob) {
    return body.size;
  }

  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) {
    return body.byteLength;
  }

  return (isRequest(body) ? body : new Response(body)).blob().then(({ size }) => size, () => 0);
}

/**
 * Returns whether a value is a Request object.
 *
 * @param {unknown} value
 * @returns {value is Request}
 */
function isRequest(value) {
  return typeof Request === 'function' && value instanceof Request;
}

/**
 * Returns whether a body can be sent twice. A body of an unknown type is treated as a stream, which can be read only once.
 *
 * @param {unknown} body
 */
function isRepeatableBody(body) {
  return body === null || body === undefined || typeof body === 'string' || body instanceof URLSearchParams
    || body instanceof Blob || body instanceof FormData || body instanceof ArrayBuffer || ArrayBuffer.isView(body);
}
