import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSession } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';
import { NEVER, ORIGIN, FakeAdapter, Page, createDeferred, createResponse, respondUnauthorized, respondWith } from './fake-server.js';
import { settle } from './fake-clock.js';

const HEALTH = 'GET /session/health';
const RECOVER = 'POST /session/recover';
const GET = 'GET /api/tracks';
const POST = 'POST /api/tracks';
const respondOk = () => createResponse({ fine: true });
const dropConnection = () => { throw new TypeError('Failed to fetch'); };

/** Tracks the outcome of a request, so that the test can read it after it has advanced the clock. */
function track(promise) {
  const outcome = { done: false };
  promise.then(
    (response) => Object.assign(outcome, { done: true, response, status: response.status }),
    (error) => Object.assign(outcome, { done: true, error }));
  return outcome;
}

const key = { 'Idempotency-Key': 'k-1' };
const getGaps = (requests) => requests.slice(1).map(({ at }, index) => at - requests[index].at);

test('the token is sent to the server\'s origin only', async () => {
  const page = new Page();
  const session = await page.open(createSession);
  for (const route of [GET, 'GET https://evil.example/x', 'GET http://studio.example/x', 'GET https://studio.example:444/x']) {
    page.server.on(route, respondOk);
  }

  await session.fetch('/api/tracks');
  await session.fetch(`${ORIGIN}/api/tracks`);
  await session.fetch(new URL('/api/tracks', ORIGIN));
  await session.fetch(new Request(`${ORIGIN}/api/tracks`));
  assert.deepEqual(page.server.requestsTo(GET).map(({ headers }) => headers.get('Authorization')), Array(4).fill('Bearer token-1'));
  for (const url of ['https://evil.example/x', '//evil.example/x', 'http://studio.example/x', 'https://studio.example:444/x']) {
    await session.fetch(url.startsWith('//') ? new URL(url, ORIGIN) : url, { method: 'GET' });
    const { headers } = page.server.requests.at(-1);
    assert.deepEqual(
      [headers.get('Authorization'), headers.get('Credits-Version'), headers.get('Session-Client')], [null, null, null], url
    );
  }
});

test('headers of another origin are ignored', async () => {
  const page = new Page();
  const session = await page.open(createSession);
  const before = page.server.requests.length;
  const headers = { 'Session-Epoch': 'evil', 'Credits-Available': '999', 'Credits-Version': 'aaaaaaaaaaaa.99' };
  page.server.on('GET https://evil.example/x', () => createResponse({}, { status: 401, headers: headers }));
  await session.fetch('https://evil.example/x');
  page.server.on(
    GET,
    () => Object.defineProperty(createResponse({}, { headers: headers }), 'url', { value: 'https://evil.example/redirected' })
  );
  await session.fetch('/api/tracks');
  await settle();
  assert.equal(page.server.requests.length, before + 2);
  assert.equal(session.getSnapshot().credits.credits, null);
});

for (const token of [null, undefined, '', 'null', 'undefined', 'with space', 'line\nbreak', { token: null }, 42]) {
  test(`the adapter value ${JSON.stringify(token)} counts as no token`, async () => {
    const page = new Page();
    const adapter = { getAccessToken: () => token, refresh: () => ({ outcome: 'unavailable' }) };
    const session = await page.open(createSession, { adapter });
    page.server.on(GET, respondOk);
    await session.fetch('/api/tracks');
    assert.equal(page.server.requestsTo(GET)[0].headers.get('Authorization'), null);
    assert.equal(session.state, 'signed_out');
  });
}

test('createSession rejects a path that could change the origin', () => {
  const page = new Page();
  assert.throws(() => createSession({ environment: page.environment, paths: { health: '.evil.example/health' } }), /paths\.health/);
});

test('createSession requires an http or https server address', () => {
  const page = new Page();
  for (const [href, baseUrl] of [['file:///app/index.html', ''], ['app://local/index.html', ''], [`${ORIGIN}/`, 'data:text/plain,x']]) {
    assert.throws(() => createSession({ environment: { ...page.environment, href }, baseUrl }), /baseUrl/);
  }

  createSession({ environment: { ...page.environment, href: 'file:///app/index.html' }, baseUrl: ORIGIN }).dispose();
});

test('unsafe requests with cookies carry Session-Client', async () => {
  const page = new Page();
  page.server.on(POST, respondOk).on(GET, respondOk);
  const cookies = await page.open(createSession, { adapter: null });
  await cookies.fetch('/api/tracks', { method: 'POST' });
  await cookies.fetch('/api/tracks');
  const bearer = await page.open(createSession);
  await bearer.fetch('/api/tracks', { method: 'POST' });
  assert.deepEqual(page.server.requestsTo(POST).map(({ headers }) => headers.get('Session-Client')), ['browser', null]);
  assert.equal(page.server.requestsTo(GET)[0].headers.get('Session-Client'), null);
});

test("a request with its own Authorization is left unchanged", async () => {
  const page = new Page();
  const session = await page.open(createSession);
  page.server.on(GET, respondUnauthorized);
  const checks = page.server.requestsTo(HEALTH).length;
  const response = await session.fetch('/api/tracks', { headers: { authorization: 'Basic abc' } });
  assert.equal(response.status, 401);
  assert.equal(page.server.requestsTo(GET)[0].headers.get('Authorization'), 'Basic abc');
  assert.equal(page.server.requestsTo(HEALTH).length, checks);
});

for (const [name, method, headers] of [
  ['GET', 'GET', {}], ['HEAD', 'HEAD', {}], ['POST with a key', 'POST', key], ['DELETE with a key', 'DELETE', key],
]) {
  test(`${name} is repeated after 100-250 ms`, async () => {
    const page = new Page();
    const session = await page.open(createSession);
    page.server.on(`${method} /api/tracks`, respondOk);
    page.server.down = true;
    const call = track(session.fetch('/api/tracks', { method, headers }));
    await page.clock.advance(1_500);
    page.server.down = false;
    await page.clock.advance(250);
    assert.equal(call.status, 200);
    const gaps = getGaps(page.server.requestsTo(`${method} /api/tracks`));
    assert.ok(gaps.length >= 6 && gaps.every((gap) => gap >= 100 && gap <= 250), gaps.join());
  });
}

test('fast retries are spread at random', async () => {
  for (const [random, gap] of [[0, 100], [0.999, 250]]) {
    const page = new Page();
    const session = await page.open(createSession);
    page.random = random;
    page.server.down = true;
    track(session.fetch('/api/tracks'));
    await page.clock.advance(1_000);
    assert.equal(Math.round(getGaps(page.server.requestsTo(GET))[0]), gap);
  }
});

test('retries slow after 3 s and end after 30', async () => {
  const page = new Page();
  const session = await page.open(createSession);
  page.server.down = true;
  const call = track(session.fetch('/api/tracks'));
  await page.clock.advance(3_200);
  const quick = page.server.requestsTo(GET).length;
  await page.clock.advance(26_700);
  const slow = page.server.requestsTo(GET).length - quick;
  await page.clock.advance(200);
  assert.ok(quick >= 12 && quick <= 31, String(quick));
  assert.ok(slow >= 3 && slow <= 7, String(slow));
  assert.match(call.error.message, /Failed to fetch/);
  assert.equal(session.state, 'offline');
  assert.ok(session.isAuthenticated);
});

test('an unsafe request without a key is not repeated', async () => {
  for (const respond of [dropConnection, respondWith(502), respondWith(503, { 'Retry-After': '1' }), respondWith(504)]) {
    const page = new Page();
    const session = await page.open(createSession);
    page.server.on(POST, respond);
    const call = track(session.fetch('/api/tracks', { method: 'POST', body: 'x' }));
    await page.clock.advance(60_000);
    assert.ok(call.done);
    assert.equal(page.server.requestsTo(POST).length, 1);
  }
});

test('a request with a stream body is never repeated', async () => {
  for (const respond of [dropConnection, respondWith(503), respondUnauthorized]) {
    const page = new Page();
    const session = await page.open(createSession);
    page.server.on(POST, respond);
    const call = track(session.fetch('/api/tracks', { method: 'POST', headers: key, body: new ReadableStream(), duplex: 'half' }));
    await page.clock.advance(60_000);
    assert.ok(call.done);
    assert.equal(page.server.requestsTo(POST).length, 1);
  }
});

test('a request with a repeatable body is repeated', async () => {
  const bodies = ['text', new URLSearchParams('a=1'), new Blob(['x']), new FormData(), new ArrayBuffer(1), new Uint8Array(1), null];
  for (const body of bodies) {
    const page = new Page();
    const session = await page.open(createSession);
    page.server.on(POST, respondWith(503), respondOk);
    const call = track(session.fetch('/api/tracks', { method: 'POST', headers: key, body }));
    await page.clock.advance(2_000);
    assert.equal(call.status, 200);
    assert.ok(page.server.requestsTo(POST).every((request) => request.body === body));
  }
});

for (const status of [502, 503, 504]) {
  test(`${status} of the application is repeated three times with exponential back-off`, async () => {
    const page = new Page();
    const session = await page.open(createSession);
    page.server.on(GET, respondWith(status, { 'Session-Epoch': 'epoch-1' }));
    const call = track(session.fetch('/api/tracks'));
    await page.clock.advance(30_000);
    assert.equal(call.status, status);
    assert.deepEqual(getGaps(page.server.requestsTo(GET)), [750, 1500, 3000]);
  });
}

test('other statuses are returned at once', async () => {
  const page = new Page();
  const session = await page.open(createSession);
  for (const respond of [
    respondWith(400), respondWith(404), respondWith(408), respondWith(409), respondWith(422), respondWith(425), respondWith(429),
    respondWith(500), respondWith(501), () => createResponse({ code: 'superseded' }, { status: 409, headers: { 'Retry-After': '1' } }),
  ]) {
    page.server.on(GET, respond);
    await session.fetch('/api/tracks');
    assert.equal(page.server.requestsTo(GET).length, 1);
    page.server.requests.length = 0;
  }
});

test('409 in_progress with Retry-After is repeated with the same key', async () => {
  const page = new Page();
  const session = await page.open(createSession);
  const busy = () => createResponse({ code: 'in_progress' }, { status: 409, headers: { 'Retry-After': '4' } });
  page.server.on(POST, busy, respondOk);
  const call = track(session.fetch('/api/tracks', { method: 'POST', headers: key }));
  await page.clock.advance(3_999);
  assert.equal(page.server.requestsTo(POST).length, 1);
  await page.clock.advance(1);
  assert.equal(call.status, 200);
  assert.deepEqual(page.server.requestsTo(POST).map(({ headers }) => headers.get('Idempotency-Key')), ['k-1', 'k-1']);

  page.server.on(POST, () => createResponse({ code: 'in_progress' }, { status: 409, headers: { 'Retry-After': '60' } }), respondOk);
  const last = track(session.fetch('/api/tracks', { method: 'POST', headers: key }));
  await page.clock.advance(59_999);
  assert.equal(last.done, false);
  await page.clock.advance(1);
  assert.equal(last.status, 200);
});

test('Retry-After is a minimum, in seconds or as a date', async () => {
  const page = new Page();
  const session = await page.open(createSession);
  const date = new Date(page.clock.wallNow() + 9_000).toUTCString();
  for (const [value, wait] of [
    ['5', 5_000], [date, 9_000], ['0', 750], ['soon', 750], ['-3', 750], ['Thu, 01 Jan 1970 00:00:00 GMT', 750],
  ]) {
    page.server.requests.length = 0;
    page.server.on(GET, respondWith(503, { 'Retry-After': value, 'Session-Epoch': 'epoch-1' }), respondOk);
    page.clock.setWall(Date.parse('2030-01-01T00:00:00Z'));
    const call = track(session.fetch('/api/tracks'));
    await page.clock.advance(10_000);
    assert.equal(call.status, 200);
    assert.deepEqual(getGaps(page.server.requestsTo(GET)), [wait], value);
  }
});

test('a Retry-After beyond the budget returns the response at once', async () => {
  const page = new Page();
  const session = await page.open(createSession);
  page.server.on(GET, respondWith(503, { 'Retry-After': '86400' }));
  const call = track(session.fetch('/api/tracks'));
  await settle();
  assert.equal(call.status, 503);
});

test('the caller\'s AbortSignal ends requests, delays and waits for recoveries', async () => {
  for (const respond of [() => NEVER, dropConnection, respondWith(503), respondUnauthorized]) {
    const page = new Page();
    const session = await page.open(createSession);
    page.server.on(GET, respond).on(HEALTH, () => NEVER);
    const controller = new AbortController();
    const call = track(session.fetch('/api/tracks', { signal: controller.signal }));
    await settle();
    assert.equal(call.done, false);
    controller.abort(new Error('changed my mind'));
    await settle();
    assert.equal(call.error?.message, 'changed my mind');
    const sent = page.server.requestsTo(GET).length;
    await page.clock.advance(60_000);
    assert.equal(page.server.requestsTo(GET).length, sent);
  }
});

test('an aborted signal prevents the request', async () => {
  const page = new Page();
  const session = await page.open(createSession);
  await assert.rejects(session.fetch('/api/tracks', { signal: AbortSignal.abort(new Error('no')) }), /no/);
  await assert.rejects(session.fetch(new Request(`${ORIGIN}/api/tracks`, { signal: AbortSignal.abort(new Error('no')) })));
  assert.equal(page.server.requestsTo(GET).length, 0);
});

test('an invalid request fails at once without a check', async () => {
  const page = new Page();
  const session = await page.open(createSession);
  page.server.on(GET, dropConnection);
  const checks = page.server.requestsTo(HEALTH).length;
  await assert.rejects(session.fetch('/api/tracks', { method: 'GET', body: 'x' }), TypeError);
  await settle();
  assert.equal(page.server.requestsTo(HEALTH).length, checks);
});

test('concurrent 401s share one refresh and are repeated once', async () => {
  const page = new Page();
  const adapter = new FakeAdapter();
  const session = await page.open(createSession, { adapter });
  const fresh = ({ headers }) => (headers.get('Authorization') === 'Bearer token-1' ? respondUnauthorized() : respondOk());
  page.server.on(GET, fresh).on(POST, fresh).on(
    HEALTH, (request) => (fresh(request).status === 401 ? respondUnauthorized() : createResponse({ status: 'healthy' }))
  );
  const responses = await Promise.all([
    session.fetch('/api/tracks'), session.fetch('/api/tracks'), session.fetch('/api/tracks', { method: 'POST', body: 'x' }),
  ]);
  assert.deepEqual(responses.map(({ status }) => status), [200, 200, 200]);
  assert.equal(adapter.refreshes.length, 1);
  assert.deepEqual(adapter.refreshes[0], { token: 'token-1' });
  assert.equal(page.server.requestsTo(RECOVER).length, 1);
  assert.deepEqual(page.server.requestsTo(POST).map(({ headers }) => headers.get('Authorization')), ['Bearer token-1', 'Bearer token-2']);
});

test('a permanent 401 causes no loop', async () => {
  const page = new Page();
  const session = await page.open(createSession);
  page.server.on(GET, respondUnauthorized);
  session.addEventListener('auth-recovered', () => void session.fetch('/api/tracks'));
  const response = await session.fetch('/api/tracks');
  await page.clock.advance(3_600_000);
  assert.equal(response.status, 401);
  assert.equal(page.server.requestsTo(GET).length, 2);
  assert.equal(session.state, 'ready');
});

test('a replaced token\'s 401 is repeated without a check', async () => {
  const page = new Page();
  const adapter = new FakeAdapter();
  const session = await page.open(createSession, { adapter });
  const deferred = createDeferred();
  page.server.on(GET, () => deferred.promise, respondOk);
  const checks = page.server.requestsTo(HEALTH).length;
  const call = track(session.fetch('/api/tracks'));
  await settle();
  adapter.change('refreshed', 'token-9');
  deferred.resolve(respondUnauthorized());
  await settle();
  assert.equal(call.status, 200);
  assert.equal(page.server.requestsTo(HEALTH).length, checks);
});

test('a stream body is not repeated with a replaced token', async () => {
  const page = new Page();
  const adapter = new FakeAdapter();
  const session = await page.open(createSession, { adapter });
  const deferred = createDeferred();
  page.server.on(POST, () => deferred.promise);
  const call = track(session.fetch('/api/tracks', { method: 'POST', body: new ReadableStream(), duplex: 'half' }));
  await settle();
  adapter.change('refreshed', 'token-9');
  deferred.resolve(respondUnauthorized());
  await settle();
  assert.equal(call.status, 401);
  assert.equal(page.server.requestsTo(POST).length, 1);
});

test('an expired token is refreshed before the request', async () => {
  const page = new Page();
  const adapter = new FakeAdapter();
  const session = await page.open(createSession, { adapter });
  page.server.on(GET, respondOk);
  adapter.set('token-1', 'user-1', page.clock.wallNow() - 1);
  assert.equal((await session.fetch('/api/tracks')).status, 200);
  assert.deepEqual(page.server.requestsTo(GET).map(({ headers }) => headers.get('Authorization')), ['Bearer token-2']);
  assert.equal(JSON.parse(page.server.requestsTo(RECOVER)[0].body).trigger, 'token_expired');
});

test('a device clock far ahead causes only one extra refresh', async () => {
  const page = new Page();
  const adapter = new FakeAdapter();
  adapter.onRefresh = () => {
    adapter.set(`token-${adapter.refreshes.length + 1}`, 'user-1', 1);
    return { outcome: 'refreshed' };
  };
  adapter.set('token-1', 'user-1', 1);
  const session = await page.open(createSession, { adapter });
  page.server.on(GET, respondOk);
  for (let minute = 0; minute < 60; minute++) {
    await session.fetch('/api/tracks');
    await page.clock.advance(60_000);
  }

  assert.equal(adapter.refreshes.length, 1);
});

test('a request of one user is never repeated for another', async () => {
  for (const respond of [dropConnection, respondWith(503), respondUnauthorized]) {
    const page = new Page();
    const adapter = new FakeAdapter();
    const session = await page.open(createSession, { adapter });
    page.server.on(POST, respond).on(HEALTH, () => NEVER);
    const call = track(session.fetch('/api/tracks', { method: 'POST', headers: key }));
    await settle();
    adapter.change('signed_in', 'token-of-2', 'user-2');
    await page.clock.advance(60_000);
    assert.ok(call.done);
    assert.ok(page.server.requestsTo(POST).every(({ headers }) => headers.get('Authorization') === 'Bearer token-1'));
  }
});
