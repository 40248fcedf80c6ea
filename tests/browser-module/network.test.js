import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSession } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';
import { settle } from './fake-clock.js';
import {
  NEVER, FakeAdapter, Page, createDeferred, createResponse, respondAsProxy, respondUnauthorized, respondWith,
} from './fake-server.js';

const HEALTH = 'GET /session/health';
const GET = 'GET /api/tracks';
const POST = 'POST /api/tracks';
const key = { 'Idempotency-Key': 'k-1' };
const respondOk = () => createResponse({ fine: true });
const respondInProgress = (retryAfter) => () =>
  createResponse({ code: 'in_progress' }, { status: 409, headers: retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) } });
const dropConnection = () => { throw new TypeError('Failed to fetch'); };
const getGaps = (requests) => requests.slice(1).map(({ at }, index) => at - requests[index].at);
const PROXY_STATUSES = [404, 408, 421, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 528, 529, 530];

function track(promise) {
  const outcome = { done: false };
  promise.then(
    (response) => Object.assign(outcome, { done: true, response, status: response.status }),
    (error) => Object.assign(outcome, { done: true, error }));
  return outcome;
}

async function openPage(options = {}) {
  const page = new Page();
  const adapter = new FakeAdapter();
  const session = await page.open(createSession, { adapter, ...options });
  page.events.length = 0;
  page.server.requests.length = 0;
  page.server.on(GET, respondOk).on(POST, respondOk);
  return { page, session, adapter };
}

/** Advances the clock second by second, and records the state of the session after each second. */
async function watch(page, session, seconds) {
  const states = [];
  for (let second = 0; second < seconds; second++) {
    await page.clock.advance(1_000);
    states.push(session.state);
  }

  return states;
}

// --- a proxy that responds in place of the application ---

for (const status of PROXY_STATUSES) {
  test(`a paid request survives 12 s of a proxy's ${status}, and the page is offline meanwhile`, async () => {
    const { page, session } = await openPage();
    page.server.proxy = respondAsProxy(status);
    const call = track(session.fetch('/api/tracks', { method: 'POST', headers: key, body: 'x' }));
    const states = await watch(page, session, 12);
    assert.deepEqual([...new Set(states)], ['offline']);
    const quick = getGaps(page.server.requestsTo(POST).filter(({ at }) => at < 3_000));
    assert.ok(quick.length >= 11 && quick.every((gap) => gap >= 100 && gap <= 250), quick.join());
    page.server.proxy = null;
    await page.clock.advance(18_000);
    assert.equal(call.status, 200);
    assert.equal(session.state, 'ready');
  });
}

test('an outage of 29 s is survived within the budget of 30', async () => {
  for (const away of [respondAsProxy(521), dropConnection]) {
    for (const random of [0, 0.5, 0.999]) {
      const { page, session } = await openPage();
      page.random = random;
      page.server.proxy = away;
      const call = track(session.fetch('/api/tracks', { method: 'POST', headers: key, body: 'x' }));
      await page.clock.advance(29_000);
      page.server.proxy = null;
      await page.clock.advance(1_500);
      assert.equal(call.status, 200, String(random));
    }
  }
});

test('statuses of the application, and others of a proxy, are no outage', async () => {
  const responses = [404, 500].map((status) => respondWith(status)).concat([400, 403, 405, 413].map((status) => respondAsProxy(status)));
  for (const respond of responses) {
    const { page, session } = await openPage();
    page.server.on(GET, respond);
    const response = await session.fetch('/api/tracks');
    assert.ok(response.status >= 400);
    assert.equal(page.server.requestsTo(GET).length, 1);
    assert.equal(page.server.requestsTo(HEALTH).length, 0);
  }
});

test('an origin that shows no epoch has its own 404 and 500', async () => {
  for (const status of [404, 408, 425, 429, 500]) {
    const page = new Page();
    page.server.epoch = null;
    const session = await page.open(createSession);
    page.server.on(GET, respondWith(status));
    assert.equal((await session.fetch('/api/tracks')).status, status);
    assert.equal(page.server.requestsTo(GET).length, 1);
    assert.equal(session.state, 'ready');
  }
});

test('a file that only the proxy misses is given to the page soon', async () => {
  const { page, session } = await openPage();
  page.server.on(GET, respondAsProxy(404));
  const call = track(session.fetch('/api/tracks'));
  await page.clock.advance(1_000);
  assert.equal(call.status, 404);
  assert.ok(page.server.requestsTo(GET).length <= 4);
  assert.equal(session.state, 'ready');
  assert.deepEqual(page.states, []);
});

test('an unsafe request without a key is not repeated after a proxy\'s response', async () => {
  const { page, session } = await openPage();
  page.server.proxy = respondAsProxy(404);
  const call = track(session.fetch('/api/tracks', { method: 'POST', body: 'x' }));
  await settle();
  assert.equal(call.status, 404);
  assert.equal(session.state, 'offline');
});

test('a proxy\'s Retry-After is a minimum, for requests and for checks', async () => {
  const { page, session } = await openPage();
  page.server.proxy = respondAsProxy(503, { 'Retry-After': '7' });
  const call = track(session.fetch('/api/tracks'));
  await page.clock.advance(6_999);
  assert.deepEqual([page.server.requestsTo(GET).length, page.server.requestsTo(HEALTH).length], [1, 1]);
  page.server.proxy = null;
  await page.clock.advance(1);
  assert.equal(call.status, 200);
});

test('the first good response after an outage starts a check at once', async () => {
  for (const away of [respondAsProxy(502), dropConnection]) {
    const { page, session } = await openPage();
    page.server.proxy = away;
    await session.triggerRecoveryCheck();
    await page.clock.advance(40_000);
    assert.equal(session.state, 'offline');
    page.server.proxy = null;
    await session.fetch('/api/tracks');
    await settle();
    assert.equal(session.state, 'ready');
  }
});

test('responses of a suspect session start at most one check a second', async () => {
  const { page, session } = await openPage();
  page.server.on(HEALTH, () => createResponse({ status: 'inconclusive', checks: [], retry_after_ms: 60_000 }));
  await session.triggerRecoveryCheck();
  page.server.requests.length = 0;
  for (let count = 0; count < 50; count++) {
    await session.fetch('/api/tracks');
    await page.clock.advance(100);
  }

  const checks = page.server.requestsTo(HEALTH).length;
  assert.ok(checks >= 4 && checks <= 5, String(checks));
  page.server.on(HEALTH, () => createResponse({ status: 'healthy', checks: [] }));
  await session.fetch('/api/tracks');
  await page.clock.advance(1_000);
  assert.equal(session.state, 'ready');
});

test('a check that waits since the outage is repeated after a good response', async () => {
  const { page, session } = await openPage();
  page.server.proxy = dropConnection;
  await session.triggerRecoveryCheck();
  page.server.proxy = null;
  page.server.on(HEALTH, () => NEVER, () => createResponse({ status: 'healthy', checks: [] }));
  await page.clock.advance(3_000);
  assert.equal(session.state, 'offline');
  await session.fetch('/api/tracks');
  await settle();
  assert.equal(session.state, 'ready');
});

// --- long work ---

test('a job of ten minutes that is cut three times is delivered', async () => {
  for (const cut of [dropConnection, respondAsProxy(504), respondAsProxy(524)]) {
    const { page, session } = await openPage();
    const finishedAt = 600_000;
    let sent = 0;
    page.server.on(POST, async () => {
      sent++;
      if (sent === 1 || (sent > 60 && sent < 62) || (sent > 200 && sent < 202)) {
        const lost = createDeferred();
        page.clock.setTimeout(() => lost.resolve(), 40_000);
        await lost.promise;
        return cut();
      }

      return page.clock.now() < finishedAt ? respondInProgress(1)() : createResponse({ result: 42 });
    });
    const call = track(session.fetch('/api/tracks', { method: 'POST', headers: key, body: 'x' }));
    await page.clock.advance(finishedAt - 1);
    assert.equal(call.done, false);
    await page.clock.advance(3_000);
    assert.equal(call.status, 200);
    assert.deepEqual(await call.response.json(), { result: 42 });
    assert.equal(session.state, 'ready');
  }
});

test('the budget starts when the connection is lost, not with the call', async () => {
  const { page, session } = await openPage();
  page.server.on(POST, async () => {
    const lost = createDeferred();
    page.clock.setTimeout(() => lost.resolve(), 45_000);
    await lost.promise;
    page.server.down = true;
    return dropConnection();
  }, respondOk);
  const call = track(session.fetch('/api/tracks', { method: 'POST', headers: key }));
  await page.clock.advance(45_000 + 20_000);
  page.server.down = false;
  await page.clock.advance(10_000);
  assert.equal(call.status, 200);
});

test('in_progress is repeated while the caller waits, with or without Retry-After', async () => {
  for (const retryAfter of [undefined, 1]) {
    const { page, session } = await openPage();
    page.server.on(POST, respondInProgress(retryAfter));
    const controller = new AbortController();
    const call = track(session.fetch('/api/tracks', { method: 'POST', headers: key, signal: controller.signal }));
    await page.clock.advance(3_600_000);
    assert.equal(call.done, false);
    const gaps = getGaps(page.server.requestsTo(POST));
    assert.ok(gaps.every((gap) => gap >= 500 && gap <= 1_000), String(Math.max(...gaps)));
    controller.abort(new Error('no longer wanted'));
    await settle();
    assert.equal(call.error.message, 'no longer wanted');
  }
});

test('a job outlives several tokens', async () => {
  const { page, session, adapter } = await openPage();
  adapter.onRefresh = () => {
    adapter.set(`token-${adapter.refreshes.length + 1}`, 'user-1', page.clock.wallNow() + 60_000);
    return { outcome: 'refreshed' };
  };
  adapter.set('token-1', 'user-1', page.clock.wallNow() + 60_000);
  page.server.on(POST, ({ headers }) => {
    const isExpired = page.clock.wallNow() >= adapter.expiresAt || headers.get('Authorization') !== `Bearer ${adapter.token}`;
    return isExpired ? respondUnauthorized() : page.clock.now() < 600_000 ? respondInProgress(1)() : respondOk();
  });
  const call = track(session.fetch('/api/tracks', { method: 'POST', headers: key }));
  await page.clock.advance(602_000);
  assert.equal(call.status, 200);
  assert.ok(adapter.refreshes.length >= 9 && adapter.refreshes.length <= 11, String(adapter.refreshes.length));
});

test('a server that is stopping is waited for like one that is away', async () => {
  const { page, session } = await openPage();
  const headers = { 'Retry-After': '1', 'Session-Epoch': 'epoch-1' };
  page.server.on(POST, () => createResponse({ code: 'stopping' }, { status: 503, headers }));
  const call = track(session.fetch('/api/tracks', { method: 'POST', headers: key }));
  await page.clock.advance(20_000);
  assert.equal(call.done, false);
  page.server.on(POST, respondOk);
  await page.clock.advance(8_000);
  assert.equal(call.status, 200);
});

test('429 with Retry-After is waited for within the budget', async () => {
  for (const [value, expected] of [['2', [2_000]], ['29', [29_000]], ['31', []]]) {
    const { page, session } = await openPage();
    page.server.on(GET, respondWith(429, { 'Retry-After': value }), respondOk);
    const call = track(session.fetch('/api/tracks'));
    await page.clock.advance(40_000);
    assert.equal(call.status, expected.length > 0 ? 200 : 429);
    assert.deepEqual(getGaps(page.server.requestsTo(GET)), expected);
  }

  const { page, session } = await openPage();
  page.server.on(GET, respondWith(429, { 'Retry-After': '1' }));
  const call = track(session.fetch('/api/tracks'));
  await page.clock.advance(31_000);
  assert.equal(call.status, 429);
  assert.ok(page.server.requestsTo(GET).length > 3);
});

// --- a server that does not respond ---

test('a server that hangs is found, and its request is repeated', async () => {
  for (const [method, headers] of [['GET', {}], ['POST', key]]) {
    const { page, session } = await openPage();
    page.server.proxy = () => NEVER;
    const call = track(session.fetch('/api/tracks', { method, headers }));
    const states = await watch(page, session, 25);
    assert.deepEqual(states.slice(10, 19).filter((state) => state === 'ready'), []);
    assert.deepEqual([...new Set(states.slice(20))], ['offline']);
    const [first] = page.server.requestsTo(`${method} /api/tracks`);
    assert.ok(first.init.signal.aborted);
    page.server.proxy = null;
    await page.clock.advance(12_000);
    assert.equal(call.status, 200);
    assert.equal(session.state, 'ready');
  }
});

test('a server that hangs for 15 s is found alive, and its request is left running', async () => {
  const { page, session } = await openPage();
  const back = createDeferred();
  page.server.proxy = async (request) => {
    await back.promise;
    return request.route === HEALTH
      ? createResponse({ status: 'healthy' }, { headers: { 'Session-Epoch': 'epoch-1' } })
      : createResponse({ late: true }, { headers: { 'Session-Epoch': 'epoch-1' } });
  };
  const call = track(session.fetch('/api/tracks', { method: 'POST', headers: key }));
  const states = await watch(page, session, 15);
  assert.equal(states.at(-1), 'suspect');
  back.resolve();
  await settle();
  assert.equal(call.status, 200);
  assert.equal(session.state, 'ready');
  assert.equal(page.server.requestsTo(POST).length, 1);
});

test('long work on a living server is never aborted, and the state stays ready', async () => {
  const { page, session } = await openPage();
  const deferred = createDeferred();
  page.server.on(POST, () => deferred.promise);
  const call = track(session.fetch('/api/tracks', { method: 'POST', headers: key }));
  await page.clock.advance(600_000);
  assert.deepEqual(page.states, []);
  assert.equal(page.server.requestsTo(POST).length, 1);
  assert.ok(page.server.requestsTo(HEALTH).length <= 60);
  deferred.resolve(respondOk());
  await settle();
  assert.equal(call.status, 200);
  await page.clock.advance(60_000);
  assert.ok(page.server.requestsTo(HEALTH).length <= 60, 'the watch has ended');
});

test('a request to a process that ended is repeated when another one responds', async () => {
  const { page, session } = await openPage();
  page.server.on(POST, () => NEVER, respondOk);
  const call = track(session.fetch('/api/tracks', { method: 'POST', headers: key }));
  await page.clock.advance(2_000);
  page.server.epoch = 'epoch-2';
  await session.fetch('/api/tracks');
  await page.clock.advance(8_000);
  await page.clock.advance(250);
  assert.equal(call.status, 200);
  assert.equal(page.server.requestsTo(POST).length, 2);
});

test('a hanging request that may not be repeated gets a whole budget more, and then fails', async () => {
  const { page, session } = await openPage();
  page.server.proxy = () => NEVER;
  const call = track(session.fetch('/api/tracks', { method: 'POST', body: 'x' }));
  await page.clock.advance(39_000);
  assert.equal(call.done, false);
  await page.clock.advance(25_000);
  assert.ok(call.error instanceof TypeError);
  assert.equal(page.server.requestsTo(POST).length, 1);
});

test('a long upload is not given up because another node responds', async () => {
  const { page, session } = await openPage();
  const deferred = createDeferred();
  page.server.on(POST, () => deferred.promise);
  const call = track(session.fetch('/api/tracks', { method: 'POST', body: 'x' }));
  await settle();
  page.server.epoch = 'epoch-of-another-node';
  await page.clock.advance(120_000);
  assert.equal(call.done, false);
  deferred.resolve(respondOk());
  await settle();
  assert.equal(call.status, 200);
});

test('an outage of the token verifier aborts no request', async () => {
  const { page, session, adapter } = await openPage();
  const deferred = createDeferred();
  page.server.on(POST, () => deferred.promise);
  const call = track(session.fetch('/api/tracks', { method: 'POST', headers: key }));
  await settle();
  adapter.onRefresh = () => ({ outcome: 'unavailable', reason: 'network' });
  adapter.set('token-1', 'user-1', page.clock.wallNow());
  await page.clock.advance(60_000);
  assert.equal(page.server.requestsTo(POST).length, 1);
  deferred.resolve(respondOk());
  await settle();
  assert.equal(call.status, 200);
});

test('a server that hangs is found by a page without a user, too', async () => {
  const { page, session } = await openPage({ adapter: null });
  page.server.on(HEALTH, respondUnauthorized);
  await session.triggerRecoveryCheck();
  assert.equal(session.state, 'signed_out');
  page.server.on(GET, () => NEVER, respondOk);
  page.server.on(HEALTH, () => NEVER);
  const call = track(session.fetch('/api/tracks'));
  await page.clock.advance(30_000);
  assert.equal(call.status, 200);
});

test('a slow check is repeated once, however many requests succeed', async () => {
  const { page, session } = await openPage();
  page.server.down = true;
  await session.triggerRecoveryCheck();
  page.server.down = false;
  page.server.on(HEALTH, async () => {
    const done = createDeferred();
    page.clock.setTimeout(() => done.resolve(), 3_000);
    await done.promise;
    return createResponse({ status: 'healthy', checks: [] });
  });
  for (let count = 0; count < 60; count++) {
    await session.fetch('/api/tracks');
    await page.clock.advance(100);
  }

  assert.equal(session.state, 'ready');
  assert.ok(page.server.requestsTo(HEALTH).length <= 4, String(page.server.requestsTo(HEALTH).length));
});

test('a request of a session that is back, but not well, is sent at once', async () => {
  const { page, session } = await openPage();
  page.server.down = true;
  const call = track(session.fetch('/api/tracks'));
  await page.clock.advance(12_000);
  page.server.down = false;
  page.server.on(HEALTH, () => createResponse({ status: 'inconclusive', checks: [] }));
  await session.triggerRecoveryCheck();
  await page.clock.advance(250);
  assert.equal(call.status, 200);
});

test('a public response without an epoch can be the application\'s own', async () => {
  const { page, session } = await openPage();
  page.server.on(GET, respondAsProxy(404, { 'Cache-Control': 'public, max-age=60' }));
  assert.equal((await session.fetch('/api/tracks')).status, 404);
  assert.equal(page.server.requestsTo(GET).length, 1);
});

test('a token that expires during an outage is renewed as soon as the server is back', async () => {
  for (const status of [404, 502, 503, 521]) {
    const { page, session, adapter } = await openPage();
    adapter.set('token-1', 'user-1', page.clock.wallNow());
    const renew = adapter.onRefresh;
    adapter.onRefresh = () => (page.server.proxy ? { outcome: 'unavailable', reason: `http_${status}` } : renew());
    page.server.on(GET, ({ headers }) => (headers.get('Authorization') === 'Bearer token-1' ? respondUnauthorized() : respondOk()));
    page.server.proxy = respondAsProxy(status);
    const call = track(session.fetch('/api/tracks'));
    await page.clock.advance(5_000);
    assert.equal(session.state, 'offline');
    page.server.proxy = null;
    await page.clock.advance(6_000);
    assert.equal(session.state, 'ready');
    assert.equal(call.status, 200);
    assert.equal(page.server.requestsTo(GET).at(-1).headers.get('Authorization'), `Bearer ${adapter.token}`);
  }
});

test('a check that began before the network returned is repeated', async () => {
  for (const wake of [
    (page) => page.window.dispatchEvent(new Event('online')), (page) => page.document.dispatchEvent(new Event('visibilitychange')),
  ]) {
    const { page, session } = await openPage();
    page.server.on(HEALTH, () => NEVER, () => createResponse({ status: 'healthy', checks: [] }));
    const check = track(session.triggerRecoveryCheck());
    await page.clock.advance(5_000);
    wake(page);
    await settle();
    assert.ok(check.done);
    assert.equal(session.state, 'ready');
  }
});

test('a disposed session watches no request', async () => {
  const { page, session } = await openPage();
  page.server.on(GET, () => NEVER);
  track(session.fetch('/api/tracks'));
  await settle();
  session.dispose();
  page.server.requests.length = 0;
  await page.clock.advance(60_000);
  assert.equal(page.server.requests.length, 0);
  assert.equal(page.clock.pendingTimers, 0);
});

test('a hanging request shares its checks with the others', async () => {
  const { page, session } = await openPage();
  page.server.on(GET, () => NEVER);
  for (let count = 0; count < 20; count++) {
    track(session.fetch('/api/tracks'));
    await page.clock.advance(20);
  }

  await page.clock.advance(60_000);
  assert.ok(page.server.requestsTo(HEALTH).length <= 12, String(page.server.requestsTo(HEALTH).length));
});

// --- many nodes ---

for (const nodes of [9, 20, 100]) {
  test(`${nodes} nodes without shared state cause few checks`, async () => {
    const { page, session } = await openPage();
    let turn = 0;
    const stamp = (response) => {
      response.headers.set('Session-Epoch', `node-${turn++ % nodes}`);
      return response;
    };
    page.server.on(HEALTH, () => stamp(createResponse({ status: 'healthy', checks: [] }))).on(GET, () => stamp(respondOk()));
    for (let count = 0; count < 5 * nodes; count++) {
      await session.fetch('/api/tracks');
      await settle();
    }

    page.server.requests.length = 0;
    for (let count = 0; count < 5 * nodes; count++) {
      await session.fetch('/api/tracks');
      await settle();
    }

    assert.equal(page.server.requestsTo(HEALTH).length, 0);
    page.server.on(GET, () => createResponse({}, { headers: { 'Session-Epoch': 'restarted' } }));
    await session.fetch('/api/tracks');
    await settle();
    assert.equal(page.server.requestsTo(HEALTH).length, 1, 'a restart is still found');
  });
}

test('on a slow network, a check that takes as long as the last one is no outage', async () => {
  const page = new Page();
  page.server.on(HEALTH, () => new Promise((resolve) => {
    page.clock.setTimeout(() => resolve(createResponse({ status: 'healthy' })), 2_000);
  })).on(GET, () => NEVER);
  const session = await page.open(createSession);
  await page.clock.advance(2_000);
  void session.fetch('/api/tracks').catch(() => {});
  await page.clock.advance(15_000);
  assert.equal(page.server.requestsTo(HEALTH).length, 2, 'the request has received no response headers for ten seconds');
  assert.deepEqual(page.states, ['ready']);

  page.server.on(HEALTH, () => NEVER);
  await page.clock.advance(10_500);
  assert.equal(page.server.requestsTo(HEALTH).length, 3);
  assert.deepEqual(page.states, ['ready']);
  await page.clock.advance(4_000);
  assert.deepEqual(page.states, ['ready', 'suspect'], 'the check takes more than twice as long as the last one');
});
