import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSession } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';
import { FakeAdapter, NEVER, ORIGIN, Page, failed, json, later, refused } from './fake-server.js';
import { settle } from './fake-clock.js';

const HEALTH = 'GET /session/health';
const RECOVER = 'POST /session/recover';
const GET = 'GET /api/tracks';
const POST = 'POST /api/tracks';
const ok = () => json({ fine: true });
const dropped = () => { throw new TypeError('Failed to fetch'); };

/** A fetch whose end the test looks at after it moved the clock. */
function started(promise) {
  const outcome = { done: false };
  promise.then(
    (response) => Object.assign(outcome, { done: true, response, status: response.status }),
    (error) => Object.assign(outcome, { done: true, error }));
  return outcome;
}

const key = { 'Idempotency-Key': 'k-1' };
const gapsOf = (requests) => requests.slice(1).map(({ at }, index) => at - requests[index].at);

test('a request carries the token, and no other origin ever sees it', async () => {
  const page = new Page();
  const session = await page.open(createSession);
  page.server.on(GET, ok).on('GET https://evil.example/x', ok).on('GET http://studio.example/x', ok).on('GET https://studio.example:444/x', ok);
  await session.fetch('/api/tracks');
  await session.fetch(`${ORIGIN}/api/tracks`);
  await session.fetch(new URL('/api/tracks', ORIGIN));
  await session.fetch(new Request(`${ORIGIN}/api/tracks`));
  assert.deepEqual(page.server.to(GET).map(({ headers }) => headers.get('Authorization')), Array(4).fill('Bearer token-1'));
  for (const url of ['https://evil.example/x', '//evil.example/x', 'http://studio.example/x', 'https://studio.example:444/x']) {
    await session.fetch(url.startsWith('//') ? new URL(url, ORIGIN) : url, { method: 'GET' });
    const { headers } = page.server.requests.at(-1);
    assert.deepEqual([headers.get('Authorization'), headers.get('Credits-Version'), headers.get('Session-Client')], [null, null, null], url);
  }
});

test('nothing that another origin answers is believed', async () => {
  const page = new Page();
  const session = await page.open(createSession);
  const before = page.server.requests.length;
  const lies = { 'Session-Epoch': 'evil', 'Credits-Available': '999', 'Credits-Version': 'aaaaaaaaaaaa.99' };
  page.server.on('GET https://evil.example/x', () => json({}, { status: 401, headers: lies }));
  await session.fetch('https://evil.example/x');
  page.server.on(GET, () => Object.defineProperty(json({}, { headers: lies }), 'url', { value: 'https://evil.example/redirected' }));
  await session.fetch('/api/tracks');
  await settle();
  assert.equal(page.server.requests.length, before + 2);
  assert.equal(session.getSnapshot().credits.credits, null);
});

for (const token of [null, undefined, '', 'null', 'undefined', 'with space', 'line\nbreak', { token: null }, 42]) {
  test(`the adapter's ${JSON.stringify(token)} is no token, and "Bearer null" is never sent`, async () => {
    const page = new Page();
    const adapter = { getAccessToken: () => token, refresh: () => ({ outcome: 'unavailable' }) };
    const session = await page.open(createSession, { adapter });
    page.server.on(GET, ok);
    await session.fetch('/api/tracks');
    assert.equal(page.server.to(GET)[0].headers.get('Authorization'), null);
    assert.equal(session.state, 'signed_out');
  });
}

test('a path that could change the origin is refused', () => {
  const page = new Page();
  assert.throws(() => createSession({ environment: page.environment, paths: { health: '.evil.example/health' } }), /paths\.health/);
});

test('a page without an http address must name its server', () => {
  const page = new Page();
  for (const [href, baseUrl] of [['file:///app/index.html', ''], ['app://local/index.html', ''], [`${ORIGIN}/`, 'data:text/plain,x']]) {
    assert.throws(() => createSession({ environment: { ...page.environment, href }, baseUrl }), /baseUrl/);
  }

  createSession({ environment: { ...page.environment, href: 'file:///app/index.html' }, baseUrl: ORIGIN }).dispose();
});

test('with cookies unsafe requests carry Session-Client, and with a token none do', async () => {
  const page = new Page();
  page.server.on(POST, ok).on(GET, ok);
  const cookies = await page.open(createSession, { adapter: null });
  await cookies.fetch('/api/tracks', { method: 'POST' });
  await cookies.fetch('/api/tracks');
  const bearer = await page.open(createSession);
  await bearer.fetch('/api/tracks', { method: 'POST' });
  assert.deepEqual(page.server.to(POST).map(({ headers }) => headers.get('Session-Client')), ['browser', null]);
  assert.equal(page.server.to(GET)[0].headers.get('Session-Client'), null);
});

test("the caller's own Authorization is left alone, and its 401 is the caller's", async () => {
  const page = new Page();
  const session = await page.open(createSession);
  page.server.on(GET, refused);
  const checks = page.server.to(HEALTH).length;
  const response = await session.fetch('/api/tracks', { headers: { authorization: 'Basic abc' } });
  assert.equal(response.status, 401);
  assert.equal(page.server.to(GET)[0].headers.get('Authorization'), 'Basic abc');
  assert.equal(page.server.to(HEALTH).length, checks);
});

for (const [name, method, headers] of [['GET', 'GET', {}], ['HEAD', 'HEAD', {}], ['POST with a key', 'POST', key], ['DELETE with a key', 'DELETE', key]]) {
  test(`${name} is repeated over a restart every 100 to 250 ms`, async () => {
    const page = new Page();
    const session = await page.open(createSession);
    page.server.on(`${method} /api/tracks`, ok);
    page.server.down = true;
    const call = started(session.fetch('/api/tracks', { method, headers }));
    await page.clock.advance(1_500);
    page.server.down = false;
    await page.clock.advance(250);
    assert.equal(call.status, 200);
    const gaps = gapsOf(page.server.to(`${method} /api/tracks`));
    assert.ok(gaps.length >= 6 && gaps.every((gap) => gap >= 100 && gap <= 250), gaps.join());
  });
}

test('the quick tries are spread by chance', async () => {
  for (const [random, gap] of [[0, 100], [0.999, 250]]) {
    const page = new Page();
    const session = await page.open(createSession);
    page.random = random;
    page.server.down = true;
    started(session.fetch('/api/tracks'));
    await page.clock.advance(1_000);
    assert.equal(Math.round(gapsOf(page.server.to(GET))[0]), gap);
  }
});

test('after 3 s the tries get rarer, and after 30 s the error is the caller\'s', async () => {
  const page = new Page();
  const session = await page.open(createSession);
  page.server.down = true;
  const call = started(session.fetch('/api/tracks'));
  await page.clock.advance(3_200);
  const quick = page.server.to(GET).length;
  await page.clock.advance(26_700);
  const slow = page.server.to(GET).length - quick;
  await page.clock.advance(200);
  assert.ok(quick >= 12 && quick <= 31, String(quick));
  assert.ok(slow >= 3 && slow <= 7, String(slow));
  assert.match(call.error.message, /Failed to fetch/);
  assert.equal(session.state, 'offline');
  assert.ok(session.isAuthenticated);
});

test('an unsafe request without a key is never sent twice after a lost connection or an answered error', async () => {
  for (const answer of [dropped, failed(502), failed(503, { 'Retry-After': '1' }), failed(504)]) {
    const page = new Page();
    const session = await page.open(createSession);
    page.server.on(POST, answer);
    const call = started(session.fetch('/api/tracks', { method: 'POST', body: 'x' }));
    await page.clock.advance(60_000);
    assert.ok(call.done);
    assert.equal(page.server.to(POST).length, 1);
  }
});

test('a body that is a stream is never sent twice, not even with a key or after a 401', async () => {
  for (const answer of [dropped, failed(503), refused]) {
    const page = new Page();
    const session = await page.open(createSession);
    page.server.on(POST, answer);
    const call = started(session.fetch('/api/tracks', { method: 'POST', headers: key, body: new ReadableStream(), duplex: 'half' }));
    await page.clock.advance(60_000);
    assert.ok(call.done);
    assert.equal(page.server.to(POST).length, 1);
  }
});

test('every body that can be sent twice is', async () => {
  const bodies = ['text', new URLSearchParams('a=1'), new Blob(['x']), new FormData(), new ArrayBuffer(1), new Uint8Array(1), null];
  for (const body of bodies) {
    const page = new Page();
    const session = await page.open(createSession);
    page.server.on(POST, failed(503), ok);
    const call = started(session.fetch('/api/tracks', { method: 'POST', headers: key, body }));
    await page.clock.advance(2_000);
    assert.equal(call.status, 200);
    assert.ok(page.server.to(POST).every((request) => request.body === body));
  }
});

for (const status of [502, 503, 504]) {
  test(`${status} is repeated three times, 1 s × 2ⁿ with jitter, and then given to the caller`, async () => {
    const page = new Page();
    const session = await page.open(createSession);
    page.server.on(GET, failed(status));
    const call = started(session.fetch('/api/tracks'));
    await page.clock.advance(30_000);
    assert.equal(call.status, status);
    assert.deepEqual(gapsOf(page.server.to(GET)), [750, 1500, 3000]);
  });
}

test('other answers are the caller\'s at once', async () => {
  const page = new Page();
  const session = await page.open(createSession);
  for (const answer of [failed(400), failed(404), failed(409), failed(422), failed(429, { 'Retry-After': '1' }), failed(500), () => json({ code: 'superseded' }, { status: 409, headers: { 'Retry-After': '1' } })]) {
    page.server.on(GET, answer);
    await session.fetch('/api/tracks');
    assert.equal(page.server.to(GET).length, 1);
    page.server.requests.length = 0;
  }
});

test('409 in_progress with Retry-After is repeated with the same key, and its body stays readable', async () => {
  const page = new Page();
  const session = await page.open(createSession);
  const busy = () => json({ code: 'in_progress' }, { status: 409, headers: { 'Retry-After': '4' } });
  page.server.on(POST, busy, ok);
  const call = started(session.fetch('/api/tracks', { method: 'POST', headers: key }));
  await page.clock.advance(3_999);
  assert.equal(page.server.to(POST).length, 1);
  await page.clock.advance(1);
  assert.equal(call.status, 200);
  assert.deepEqual(page.server.to(POST).map(({ headers }) => headers.get('Idempotency-Key')), ['k-1', 'k-1']);

  page.server.on(POST, () => json({ code: 'in_progress' }, { status: 409, headers: { 'Retry-After': '60' } }));
  const last = started(session.fetch('/api/tracks', { method: 'POST', headers: key }));
  await settle();
  assert.deepEqual(await last.response.json(), { code: 'in_progress' });
});

test('Retry-After is the least wait, in seconds or as a date, and never shortens one', async () => {
  const page = new Page();
  const session = await page.open(createSession);
  const date = new Date(page.clock.wallNow() + 9_000).toUTCString();
  for (const [value, wait] of [['5', 5_000], [date, 9_000], ['0', 750], ['soon', 750], ['-3', 750], ['Thu, 01 Jan 1970 00:00:00 GMT', 750]]) {
    page.server.requests.length = 0;
    page.server.on(GET, failed(503, { 'Retry-After': value, 'Session-Epoch': 'epoch-1' }), ok);
    page.clock.setWall(Date.parse('2030-01-01T00:00:00Z'));
    const call = started(session.fetch('/api/tracks'));
    await page.clock.advance(10_000);
    assert.equal(call.status, 200);
    assert.deepEqual(gapsOf(page.server.to(GET)), [wait], value);
  }
});

test('a server that asks for more time than there is gets no early repeat: the caller has the answer at once', async () => {
  const page = new Page();
  const session = await page.open(createSession);
  page.server.on(GET, failed(503, { 'Retry-After': '86400' }));
  const call = started(session.fetch('/api/tracks'));
  await settle();
  assert.equal(call.status, 503);
});

test('the caller\'s AbortSignal ends a request, a wait and a recovery that is waited for, and nothing is sent after it', async () => {
  for (const answer of [() => NEVER, dropped, failed(503), refused]) {
    const page = new Page();
    const session = await page.open(createSession);
    page.server.on(GET, answer).on(HEALTH, () => NEVER);
    const controller = new AbortController();
    const call = started(session.fetch('/api/tracks', { signal: controller.signal }));
    await settle();
    assert.equal(call.done, false);
    controller.abort(new Error('changed my mind'));
    await settle();
    assert.equal(call.error?.message, 'changed my mind');
    const sent = page.server.to(GET).length;
    await page.clock.advance(60_000);
    assert.equal(page.server.to(GET).length, sent);
  }
});

test('a signal that is aborted already sends nothing', async () => {
  const page = new Page();
  const session = await page.open(createSession);
  await assert.rejects(session.fetch('/api/tracks', { signal: AbortSignal.abort(new Error('no')) }), /no/);
  await assert.rejects(session.fetch(new Request(`${ORIGIN}/api/tracks`, { signal: AbortSignal.abort(new Error('no')) })));
  assert.equal(page.server.to(GET).length, 0);
});

test('what can never be sent fails at once and starts no check', async () => {
  const page = new Page();
  const session = await page.open(createSession);
  page.server.on(GET, dropped);
  const checks = page.server.to(HEALTH).length;
  await assert.rejects(session.fetch('/api/tracks', { method: 'GET', body: 'x' }), TypeError);
  await settle();
  assert.equal(page.server.to(HEALTH).length, checks);
});

test('after a 401 many callers share one refresh, and each is repeated once with the new token, unsafe ones too', async () => {
  const page = new Page();
  const adapter = new FakeAdapter();
  const session = await page.open(createSession, { adapter });
  const fresh = ({ headers }) => (headers.get('Authorization') === 'Bearer token-1' ? refused() : ok());
  page.server.on(GET, fresh).on(POST, fresh).on(HEALTH, (request) => (fresh(request).status === 401 ? refused() : json({ status: 'healthy' })));
  const responses = await Promise.all([session.fetch('/api/tracks'), session.fetch('/api/tracks'), session.fetch('/api/tracks', { method: 'POST', body: 'x' })]);
  assert.deepEqual(responses.map(({ status }) => status), [200, 200, 200]);
  assert.equal(adapter.refreshes.length, 1);
  assert.deepEqual(adapter.refreshes[0], { token: 'token-1' });
  assert.equal(page.server.to(RECOVER).length, 1);
  assert.deepEqual(page.server.to(POST).map(({ headers }) => headers.get('Authorization')), ['Bearer token-1', 'Bearer token-2']);
});

test('an address that always answers 401 is asked twice and no more, whatever the page does on auth-recovered', async () => {
  const page = new Page();
  const session = await page.open(createSession);
  page.server.on(GET, refused);
  session.addEventListener('auth-recovered', () => void session.fetch('/api/tracks'));
  const response = await session.fetch('/api/tracks');
  await page.clock.advance(3_600_000);
  assert.equal(response.status, 401);
  assert.equal(page.server.to(GET).length, 2);
  assert.equal(session.state, 'ready');
});

test('a 401 of an old token is repeated with the one that is there by now, without a check', async () => {
  const page = new Page();
  const adapter = new FakeAdapter();
  const session = await page.open(createSession, { adapter });
  const answer = later();
  page.server.on(GET, () => answer.promise, ok);
  const checks = page.server.to(HEALTH).length;
  const call = started(session.fetch('/api/tracks'));
  await settle();
  adapter.change('refreshed', 'token-9');
  answer.resolve(refused());
  await settle();
  assert.equal(call.status, 200);
  assert.equal(page.server.to(HEALTH).length, checks);
});

test('a stream is not sent again with the token that is there by now', async () => {
  const page = new Page();
  const adapter = new FakeAdapter();
  const session = await page.open(createSession, { adapter });
  const answer = later();
  page.server.on(POST, () => answer.promise);
  const call = started(session.fetch('/api/tracks', { method: 'POST', body: new ReadableStream(), duplex: 'half' }));
  await settle();
  adapter.change('refreshed', 'token-9');
  answer.resolve(refused());
  await settle();
  assert.equal(call.status, 401);
  assert.equal(page.server.to(POST).length, 1);
});

test('an expired token is renewed before it is sent', async () => {
  const page = new Page();
  const adapter = new FakeAdapter();
  const session = await page.open(createSession, { adapter });
  page.server.on(GET, ok);
  adapter.set('token-1', 'user-1', page.clock.wallNow() - 1);
  assert.equal((await session.fetch('/api/tracks')).status, 200);
  assert.deepEqual(page.server.to(GET).map(({ headers }) => headers.get('Authorization')), ['Bearer token-2']);
  assert.equal(JSON.parse(page.server.to(RECOVER)[0].body).trigger, 'token_expired');
});

test('a clock that is far ahead makes one needless refresh, not one per request', async () => {
  const page = new Page();
  const adapter = new FakeAdapter();
  adapter.onRefresh = () => {
    adapter.set(`token-${adapter.refreshes.length + 1}`, 'user-1', 1);
    return { outcome: 'refreshed' };
  };
  adapter.set('token-1', 'user-1', 1);
  const session = await page.open(createSession, { adapter });
  page.server.on(GET, ok);
  for (let minute = 0; minute < 60; minute++) {
    await session.fetch('/api/tracks');
    await page.clock.advance(60_000);
  }

  assert.equal(adapter.refreshes.length, 1);
});

test('what was begun for one user is never repeated for another', async () => {
  for (const answer of [dropped, failed(503), refused]) {
    const page = new Page();
    const adapter = new FakeAdapter();
    const session = await page.open(createSession, { adapter });
    page.server.on(POST, answer).on(HEALTH, () => NEVER);
    const call = started(session.fetch('/api/tracks', { method: 'POST', headers: key }));
    await settle();
    adapter.change('signed_in', 'token-of-2', 'user-2');
    await page.clock.advance(60_000);
    assert.ok(call.done);
    assert.ok(page.server.to(POST).every(({ headers }) => headers.get('Authorization') === 'Bearer token-1'));
  }
});
