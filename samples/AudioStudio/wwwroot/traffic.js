/**
 * Records every attempt of a request that the browser module or the page sends. The module uses `recordedFetch` as its `fetch`, so that a
 * request that the module repeats is recorded as several attempts.
 */

const MAX_ATTEMPTS = 300;

/**
 * Dispatches `sent` when an attempt begins, `answered` when it ends, and `bytes` when bytes of an upload were sent. The detail of
 * `answered` is the attempt.
 */
export const traffic = new EventTarget();

/**
 * The attempts in the order in which they were sent. Times are those of `performance.now()`. The status is null if no response arrived.
 * During a long outage, an entry stands for several attempts of one request that were lost in the same way; `count` is their number.
 */
export const attempts = [];

/** The latest epoch and process id that the server has sent, or null, and the time of its last response. */
export const server = { epoch: null, process: null, at: 0 };

/** Returns the number of attempts for which the given entries stand. */
export const countAttempts = (entries) => entries.reduce((sum, { count }) => sum + count, 0);

/** Returns true if an attempt has ended and no response arrived. */
export const isUnanswered = ({ endedAt, status }) => endedAt !== null && status === null;

/** Returns true if no response arrived, or if a proxy responded in place of the server. */
export const isLost = ({ status, epoch }) => status === null || (status >= 502 && epoch === null);

const uploads = new WeakMap();

/** Calls the function with the number of bytes that have been sent and their total, whenever an attempt sends this form. */
export function followUpload(form, report) {
  uploads.set(form, report);
}

/** Sends a request as `fetch` does, and records it. */
export async function recordedFetch(input, init) {
  const attempt = begin(input, init);
  try {
    const report = uploads.get(init?.body);
    const response = report ? await sendForm(input, init, report) : await fetch(input, init);
    finish(attempt, response);
    return response;
  } catch (error) {
    finish(attempt, null);
    throw error;
  }
}

function begin(input, init) {
  const url = new URL(input instanceof Request ? input.url : input, document.baseURI);
  const attempt = {
    method: init?.method ?? (input instanceof Request ? input.method : 'GET'),
    path: url.origin === location.origin ? url.pathname : url.host + url.pathname,
    key: new Headers(init?.headers).get('Idempotency-Key'),
    isUpload: uploads.has(init?.body),
    startedAt: performance.now(),
    endedAt: null,
    status: null,
    epoch: null,
    process: null,
    isReplay: false,
    count: 1,
  };
  attempts.push(attempt);
  if (attempts.length > MAX_ATTEMPTS) {
    shorten();
  }

  traffic.dispatchEvent(new Event('sent'));
  return attempt;
}

/** Combines the first two attempts of a request that the same outage lost, or removes the oldest attempt if there are no such attempts. */
function shorten() {
  const lost = new Map();
  for (const [index, attempt] of attempts.entries()) {
    if (attempt.endedAt === null) {
      continue;
    }

    if (!isLost(attempt)) {
      if (attempt.path.startsWith('/')) {
        lost.clear();
      }

      continue;
    }

    const request = `${attempt.method} ${attempt.path} ${attempt.key} ${attempt.status}`;
    const earlier = lost.get(request);
    if (earlier !== undefined) {
      earlier.count += attempt.count;
      earlier.endedAt = attempt.endedAt;
      attempts.splice(index, 1);
      return;
    }

    lost.set(request, attempt);
  }

  attempts.shift();
}

function finish(attempt, response) {
  attempt.endedAt = performance.now();
  if (response !== null) {
    attempt.status = response.status;
    attempt.epoch = response.headers.get('Session-Epoch');
    attempt.process = response.headers.get('Studio-Process');
    attempt.isReplay = response.headers.has('Idempotency-Replayed');
    if (attempt.epoch !== null) {
      server.epoch = attempt.epoch;
      server.process = attempt.process ?? server.process;
      server.at = attempt.endedAt;
    }
  }

  traffic.dispatchEvent(new CustomEvent('answered', { detail: attempt }));
}

/** Sends a form with XMLHttpRequest, because `fetch` does not report how much of a body has been sent. */
function sendForm(url, { method, headers, body, signal }, report) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.responseType = 'arraybuffer';
    new Headers(headers).forEach((value, name) => request.setRequestHeader(name, value));
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      report(loaded, total);
      traffic.dispatchEvent(new Event('bytes'));
    });
    request.addEventListener('load', () => {
      const content = request.response?.byteLength > 0 ? request.response : null;
      resolve(new Response(content, { status: request.status, statusText: request.statusText, headers: readHeaders(request) }));
    });
    request.addEventListener('error', () => reject(new TypeError('The connection was lost.')));
    request.addEventListener('abort', () => reject(signal?.reason ?? new DOMException('The upload was stopped.', 'AbortError')));
    signal?.addEventListener('abort', () => request.abort());
    request.send(body);
  });
}

function readHeaders(request) {
  const lines = request.getAllResponseHeaders().trim().split('\r\n').filter(Boolean);
  return new Headers(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
}
