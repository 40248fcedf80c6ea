import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSession } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';
import {
  NEVER, FakeAdapter, Page, createCreditsResponse, createDeferred, createResponse, respondUnauthorized, respondWith,
} from './fake-server.js';
import { settle } from './fake-clock.js';

const HEALTH = 'GET /session/health';
const RECOVER = 'POST /session/recover';
const respondHealthy = () => createResponse({ status: 'healthy', checks: [] });
const respondUnhealthy = () => createResponse({
  status: 'unhealthy', checks: [{ name: 'credits', status: 'unhealthy', reason: 'other_user' }],
});
const dropConnection = () => { throw new TypeError('Failed to fetch'); };
const getTrigger = ({ body }) => JSON.parse(body).trigger;

async function openPage(adapter = new FakeAdapter(), options = {}) {
  const page = new Page();
  const session = await page.open(createSession, { adapter, ...options });
  page.events.length = 0;
  page.server.requests.length = 0;
  return { page, session, adapter };
}

// --- epochs ---

test('an unknown epoch starts one check without events', async () => {
  const { page, session } = await openPage();
  page.server.on('GET /a', () => createResponse({}));
  await session.fetch('/a');
  assert.equal(page.server.requestsTo(HEALTH).length, 0);
  page.server.epoch = 'epoch-2';
  await session.fetch('/a');
  await settle();
  await session.fetch('/a');
  page.server.epoch = 'epoch-1';
  await session.fetch('/a');
  await settle();
  assert.equal(page.server.requestsTo(HEALTH).length, 1);
  assert.equal(page.server.requestsTo(RECOVER).length, 0);
  assert.deepEqual(page.events, []);
});

test('the first epoch starts no check', async () => {
  const page = new Page();
  page.server.epoch = null;
  const session = await page.open(createSession);
  page.server.epoch = 'epoch-1';
  page.server.on('GET /a', () => createResponse({}));
  await session.fetch('/a');
  await settle();
  assert.equal(page.server.requestsTo(HEALTH).length, 1);
});

test('the ninth epoch replaces the first of eight', async () => {
  const { page, session } = await openPage();
  page.server.on('GET /a', () => createResponse({}));
  const receiveEpoch = async (epoch) => {
    page.server.epoch = epoch;
    const before = page.server.requestsTo(HEALTH).length;
    await session.fetch('/a');
    await settle();
    return page.server.requestsTo(HEALTH).length - before;
  };
  for (let number = 2; number <= 8; number++) {
    assert.equal(await receiveEpoch(`epoch-${number}`), 1);
  }

  assert.equal(await receiveEpoch('epoch-1'), 0);
  assert.equal(await receiveEpoch('epoch-9'), 1);
  assert.equal(await receiveEpoch('epoch-1'), 1);
});

test('a check answered by an older process is repeated', async () => {
  const { page, session } = await openPage();
  const deferred = createDeferred();
  page.server.on(HEALTH, () => deferred.promise, respondHealthy);
  void session.triggerRecoveryCheck();
  page.server.on('GET /a', () => createResponse({}));
  page.server.epoch = 'epoch-2';
  await session.fetch('/a');
  deferred.resolve(createResponse({ status: 'healthy' }, { headers: { 'Session-Epoch': 'epoch-1' } }));
  await settle();
  assert.equal(page.server.requestsTo(HEALTH).length, 2);
});

test('a check answered by the new process is not repeated', async () => {
  const { page, session } = await openPage();
  const deferred = createDeferred();
  page.server.on(HEALTH, () => deferred.promise);
  void session.triggerRecoveryCheck();
  page.server.on('GET /a', () => createResponse({}));
  page.server.epoch = 'epoch-2';
  await session.fetch('/a');
  deferred.resolve(createResponse({ status: 'healthy' }, { headers: { 'Session-Epoch': 'epoch-2' } }));
  await settle();
  assert.equal(page.server.requestsTo(HEALTH).length, 1);
});

// --- checks ---

test('concurrent checks share one result', async () => {
  const { page, session } = await openPage();
  const deferred = createDeferred();
  page.server.on(HEALTH, () => deferred.promise);
  const results = [session.triggerRecoveryCheck(), session.triggerRecoveryCheck('online'), session.triggerRecoveryCheck('visible')];
  await settle();
  deferred.resolve(respondHealthy());
  assert.deepEqual((await Promise.all(results)).map(({ status }) => status), ['healthy', 'healthy', 'healthy']);
  assert.equal(page.server.requestsTo(HEALTH).length, 1);
});

test('checks have no cooldown', async () => {
  const { page, session } = await openPage();
  for (let count = 0; count < 5; count++) {
    await session.triggerRecoveryCheck();
  }

  assert.equal(page.server.requestsTo(HEALTH).length, 5);
});

test('online, visible and restored pages start a check', async () => {
  const { page } = await openPage();
  const after = async (action) => {
    const before = page.server.requestsTo(HEALTH).length;
    action();
    await settle();
    return page.server.requestsTo(HEALTH).length - before;
  };
  const pageShow = (persisted) => page.window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted }));
  const visibility = (state) => {
    page.document.visibilityState = state;
    page.document.dispatchEvent(new Event('visibilitychange'));
  };
  assert.equal(await after(() => page.window.dispatchEvent(new Event('online'))), 1);
  assert.equal(await after(() => visibility('hidden')), 0);
  assert.equal(await after(() => visibility('visible')), 1);
  assert.equal(await after(() => pageShow(false)), 0);
  assert.equal(await after(() => pageShow(true)), 1);
});

for (const [name, act, trigger] of [
  ['online', ({ page }) => page.window.dispatchEvent(new Event('online')), 'online'],
  ['visible', ({ page }) => page.document.dispatchEvent(new Event('visibilitychange')), 'visible'],
  ['page_show', ({ page }) => page.window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true })), 'page_show'],
  ['a named reason', ({ session }) => session.triggerRecoveryCheck('credits'), 'credits'],
  ['no reason', ({ session }) => session.triggerRecoveryCheck(), 'manual'],
  ['an unknown reason', ({ session }) => session.triggerRecoveryCheck('because'), 'other'],
  ['a 401', ({ page, session }) => { page.server.on('GET /a', respondUnauthorized); void session.fetch('/a'); }, 'unauthorized'],
  ['a lost request', ({ page, session }) => { page.server.on('GET /a', dropConnection); void session.fetch('/a'); }, 'request_failed'],
  ['a gateway\'s 502', ({ page, session }) => { page.server.on('GET /a', respondWith(502)); void session.fetch('/a'); }, 'request_failed'],
  [
    'a new epoch',
    ({ page, session }) => {
      page.server.on('GET /a', () => createResponse({}, { headers: { 'Session-Epoch': 'e-9' } }));
      void session.fetch('/a');
    },
    'new_epoch',
  ],
]) {
  test(`recovery trigger after ${name} is ${trigger}`, async () => {
    const context = await openPage();
    context.page.server.on(HEALTH, respondUnhealthy);
    void act(context);
    await settle();
    assert.deepEqual(context.page.server.requestsTo(RECOVER).map(getTrigger), [trigger]);
  });
}

test('a 503 with an epoch starts no check', async () => {
  const { page, session } = await openPage();
  page.server.on('GET /a', respondWith(503, { 'Session-Epoch': 'epoch-1' }));
  void session.fetch('/a');
  await page.clock.advance(30_000);
  assert.equal(page.server.requestsTo(HEALTH).length, 0);
});

for (const [name, body] of [
  ['no JSON', '<html>sign in</html>'], ['half a body', '{"status":"heal'], ['an array', '[]'], ['null', 'null'],
  ['no status', '{}'], ['a strange status', '{"status":"great"}'],
  ['invalid checks', '{"status":"inconclusive","checks":7,"retry_after_ms":"soon"}'],
]) {
  test(`health with ${name} is inconclusive and checked again`, async () => {
    const { page, session } = await openPage();
    page.server.on(HEALTH, () => createResponse(body), respondHealthy);
    assert.deepEqual(await session.triggerRecoveryCheck(), { status: 'inconclusive', state: 'suspect' });
    assert.ok(session.isAuthenticated);
    await page.clock.advance(1_000);
    assert.equal(session.state, 'ready');
    assert.equal(page.getEvents('auth-recovered').length, 1);
    assert.equal(page.server.requestsTo(RECOVER).length, 0);
  });
}

test('inconclusive checks are repeated with exponential back-off', async () => {
  const { page, session } = await openPage();
  page.server.on(HEALTH, () => createResponse({ status: 'inconclusive', checks: [], retry_after_ms: 5_000 }));
  await session.triggerRecoveryCheck();
  await page.clock.advance(4_999);
  assert.equal(page.server.requestsTo(HEALTH).length, 1);
  await page.clock.advance(1);
  assert.equal(page.server.requestsTo(HEALTH).length, 2);
  await page.clock.advance(3_600_000);
  assert.ok(page.server.requestsTo(HEALTH).length < 100, String(page.server.requestsTo(HEALTH).length));
  assert.equal(session.state, 'suspect');
});

test('an excessive Retry-After is capped', async () => {
  for (const respond of [
    () => createResponse({ status: 'inconclusive', retry_after_ms: 1e12 }), respondWith(503, { 'Retry-After': '99999999' }),
  ]) {
    const { page, session } = await openPage();
    page.server.on(HEALTH, respond, respondHealthy);
    await session.triggerRecoveryCheck();
    await page.clock.advance(60_000);
    assert.equal(session.state, 'ready');
  }
});

test('a failing adapter makes the session suspect', async () => {
  for (const getAccessToken of [() => { throw new Error('library'); }, () => NEVER]) {
    const { page, session, adapter } = await openPage();
    const before = adapter.getAccessToken;
    adapter.getAccessToken = getAccessToken;
    const result = session.triggerRecoveryCheck();
    await page.clock.advance(10_000);
    assert.equal((await result).status, 'inconclusive');
    assert.equal(session.state, 'suspect');
    assert.ok(session.isAuthenticated);
    adapter.getAccessToken = before;
    await page.clock.advance(20_000);
    assert.equal(session.state, 'ready');
  }
});

// --- unreachable server ---

test('a restarted server is found within 250 ms', async () => {
  const { page, session } = await openPage();
  page.server.down = true;
  await session.triggerRecoveryCheck();
  assert.equal(session.state, 'offline');
  await page.clock.advance(2_000);
  const times = page.server.requestsTo(HEALTH).map(({ at }) => at);
  assert.ok(times.slice(1).every((at, index) => at - times[index] >= 100 && at - times[index] <= 250));
  page.server.down = false;
  page.server.epoch = 'epoch-2';
  await page.clock.advance(250);
  assert.deepEqual(page.states, ['offline', 'ready']);
  assert.equal(page.getEvents('auth-recovered').length, 1);
  assert.equal(page.server.requestsTo(RECOVER).length, 0);
});

test('an unreachable server is checked a bounded number of times', async () => {
  const { page, session } = await openPage();
  page.server.down = true;
  await session.triggerRecoveryCheck();
  await page.clock.advance(3_600_000);
  assert.ok(page.server.requests.length > 100 && page.server.requests.length < 250, String(page.server.requests.length));
  assert.equal(session.state, 'offline');
  assert.ok(session.isAuthenticated);
  page.window.dispatchEvent(new Event('online'));
  page.server.down = false;
  await page.clock.advance(250);
  assert.equal(session.state, 'ready');
});

test('a health request without a response times out', async () => {
  const { page, session } = await openPage();
  page.server.on(HEALTH, () => NEVER, respondHealthy);
  const result = session.triggerRecoveryCheck();
  await page.clock.advance(10_000);
  assert.equal((await result).status, 'unreachable');
  await page.clock.advance(250);
  assert.equal(session.state, 'ready');
});

// --- recoveries ---

test('an unhealthy session with a valid token needs no refresh', async () => {
  const { page, session, adapter } = await openPage();
  page.server.on(HEALTH, respondUnhealthy);
  assert.deepEqual(await session.triggerRecoveryCheck(), { status: 'recovered', state: 'ready' });
  assert.deepEqual(page.states, ['recovering', 'ready']);
  assert.equal(adapter.refreshes.length, 0);
  assert.equal(page.server.requestsTo(RECOVER)[0].headers.get('Content-Type'), 'application/json');
});

for (const [name, respond] of [
  ['a 401', respondUnauthorized],
  [
    'a check with a rejected token',
    () => createResponse({ status: 'unhealthy', checks: [{ name: 'authority', status: 'unhealthy', reason: 'refused' }] }),
  ],
  [
    'an unauthenticated check',
    () => createResponse({ status: 'unhealthy', checks: [null, { name: 'credits', status: 'unhealthy', reason: 'unauthenticated' }] }),
  ],
]) {
  test(`${name} causes a refresh first`, async () => {
    const { page, session, adapter } = await openPage();
    page.server.on(HEALTH, respond).on(RECOVER, () => createResponse({ outcome: 'not_needed', status: 'unavailable' }));
    assert.equal((await session.triggerRecoveryCheck()).status, 'recovered');
    assert.deepEqual(adapter.refreshes, [{ token: 'token-1' }]);
    assert.equal(page.server.requestsTo(RECOVER)[0].headers.get('Authorization'), 'Bearer token-2');
    assert.equal(page.getEvents('auth-recovered').length, 1);
  });
}

test('a token rejected by the recovery is refreshed once', async () => {
  const { page, session, adapter } = await openPage();
  page.server.on(HEALTH, respondUnhealthy).on(RECOVER, respondUnauthorized);
  assert.equal((await session.triggerRecoveryCheck()).status, 'unhealthy');
  assert.equal(adapter.refreshes.length, 1);
  assert.equal(page.server.requestsTo(RECOVER).length, 2);
  assert.equal(session.state, 'suspect');
});

test('a token renewed by another tab is checked again', async () => {
  const { page, session, adapter } = await openPage();
  const deferred = createDeferred();
  page.server.on(HEALTH, () => deferred.promise, respondHealthy);
  const result = session.triggerRecoveryCheck();
  await settle();
  adapter.change('refreshed', 'token-of-other-tab');
  deferred.resolve(respondUnauthorized());
  assert.equal((await result).status, 'healthy');
  assert.equal(adapter.refreshes.length, 0);
});

test('a token from another tab is checked at once', async () => {
  const { page, session, adapter } = await openPage();
  page.server.on(HEALTH, respondUnauthorized);
  adapter.onRefresh = () => ({ outcome: 'unavailable', reason: 'http_503' });
  await session.triggerRecoveryCheck();
  assert.equal(session.state, 'suspect');
  page.server.on(HEALTH, respondHealthy);
  adapter.change('refreshed', 'token-of-other-tab');
  await settle();
  assert.equal(session.state, 'ready');
});

test('a final refusal signs out and emits session-lost', async () => {
  const { page, session, adapter } = await openPage();
  adapter.onRefresh = () => ({ outcome: 'refused', reason: 'revoked' });
  page.server.on(HEALTH, respondUnauthorized);
  assert.deepEqual(await session.triggerRecoveryCheck(), { status: 'signed_out', state: 'signed_out' });
  assert.deepEqual(page.getEvents('session-lost').map(({ detail }) => detail), [{ reason: 'revoked' }]);
  assert.equal(session.isAuthenticated, false);
  assert.equal(page.server.requestsTo(RECOVER).length, 0);
});

for (const [name, respond] of [
  ['is unavailable', () => ({ outcome: 'unavailable', reason: 'http_503' })],
  ['has no network', () => ({ outcome: 'unavailable', reason: 'network' })],
  ['throws', () => { throw new Error('library'); }],
  ['hangs', () => NEVER],
  ['returns nothing', () => undefined],
  ['returns nonsense', () => ({ outcome: 'perhaps' })],
]) {
  test(`a refresh that ${name} never signs out`, async () => {
    const { page, session, adapter } = await openPage();
    adapter.onRefresh = respond;
    page.server.on(HEALTH, respondUnauthorized);
    void session.triggerRecoveryCheck();
    await page.clock.advance(3_600_000);
    assert.ok(session.isAuthenticated);
    assert.equal(page.getEvents('session-lost').length, 0);
    assert.ok(adapter.refreshes.length >= 10 && adapter.refreshes.length < 250, String(adapter.refreshes.length));
    page.server.on(HEALTH, respondHealthy);
    await page.clock.advance(330_000);
    assert.equal(session.state, 'ready');
  });
}

for (const [name, respond] of [
  ['failed', () => createResponse({ outcome: 'failed' })], ['nonsense', () => createResponse('oops')],
  ...[400, 403, 429, 500, 502, 503].map((status) => [String(status), respondWith(status, { 'Session-Epoch': 'epoch-1' })]),
]) {
  test(`a recovery answered with ${name} backs off`, async () => {
    const { page, session } = await openPage();
    page.server.on(HEALTH, respondUnhealthy).on(RECOVER, respond);
    await session.triggerRecoveryCheck();
    assert.equal(session.state, 'suspect');
    await page.clock.advance(3_600_000);
    const times = page.server.requestsTo(RECOVER).map(({ at }) => at);
    assert.deepEqual(times.slice(0, 5), [0, 30_000, 90_000, 210_000, 450_000]);
    assert.ok(times.length < 20, String(times.length));
    assert.ok(session.isAuthenticated);
  });
}

test('a healthy check or a long pause resets the cooldown', async () => {
  for (const between of [
    async ({ page, session }) => {
      page.server.on(HEALTH, respondHealthy);
      await page.clock.advance(30_000);
      await session.triggerRecoveryCheck();
    },
    ({ page }) => page.clock.advance(600_001),
  ]) {
    const context = await openPage();
    const { page, session } = context;
    page.server.on(HEALTH, respondUnhealthy);
    await session.triggerRecoveryCheck();
    await between(context);
    page.server.on(HEALTH, respondUnhealthy);
    await session.triggerRecoveryCheck();
    assert.equal(page.server.requestsTo(RECOVER).length, 2);
    await session.triggerRecoveryCheck();
    await page.clock.advance(29_999);
    assert.equal(page.server.requestsTo(RECOVER).length, 2);
    await page.clock.advance(1);
    assert.equal(page.server.requestsTo(RECOVER).length, 3);
  }
});

test('an unreachable token verifier makes the session offline', async () => {
  const { page, session, adapter } = await openPage();
  const good = adapter.onRefresh;
  adapter.onRefresh = () => ({ outcome: 'unavailable', reason: 'network' });
  page.server.on(HEALTH, respondUnauthorized);
  assert.deepEqual(await session.triggerRecoveryCheck(), { status: 'unreachable', state: 'offline' });
  adapter.onRefresh = good;
  await page.clock.advance(250);
  assert.equal(session.state, 'ready');
});

test('Retry-After only extends the cooldown', async () => {
  for (const [value, next] of [['45', 45_000], ['1', 30_000]]) {
    const { page, session } = await openPage();
    page.server.on(HEALTH, respondUnhealthy).on(RECOVER, respondWith(429, { 'Retry-After': value }));
    await session.triggerRecoveryCheck();
    await page.clock.advance(next);
    assert.deepEqual(page.server.requestsTo(RECOVER).map(({ at }) => at), [0, next]);
  }
});

test('a server lost during a recovery starts no cooldown', async () => {
  const { page, session } = await openPage();
  page.server.on(HEALTH, respondUnhealthy).on(RECOVER, dropConnection, () => createResponse({ outcome: 'recovered' }));
  assert.equal((await session.triggerRecoveryCheck()).status, 'unreachable');
  await page.clock.advance(250);
  assert.deepEqual(page.states, ['recovering', 'offline', 'recovering', 'ready']);
});

test('a health check replaces a recovery that is disabled', async () => {
  for (const [second, status] of [[respondHealthy, 'recovered'], [respondUnhealthy, 'unhealthy'], [dropConnection, 'unreachable']]) {
    const { page, session } = await openPage();
    page.server.on(RECOVER, respondWith(404)).on(HEALTH, respondUnhealthy, second);
    assert.equal((await session.triggerRecoveryCheck()).status, status);
  }
});

test('checks during the cooldown return the last result', async () => {
  const { page, session } = await openPage();
  page.server.on(HEALTH, respondUnhealthy);
  await session.triggerRecoveryCheck();
  await page.clock.advance(10_000);
  page.server.requests.length = 0;
  for (let count = 0; count < 5; count++) {
    assert.deepEqual(await session.triggerRecoveryCheck(), { status: 'recovered', state: 'suspect' });
  }

  assert.equal(page.server.requestsTo(RECOVER).length, 0);
  await page.clock.advance(19_999);
  assert.equal(page.server.requestsTo(HEALTH).length, 5);
  await page.clock.advance(1);
  assert.equal(page.server.requestsTo(HEALTH).length, 6);
  assert.deepEqual(page.server.requestsTo(RECOVER).map(({ at }) => at), [30_000]);
});

test('the cooldown uses the monotonic clock from the recovery\'s end', async () => {
  const { page, session } = await openPage();
  const deferred = createDeferred();
  page.server.on(HEALTH, respondUnhealthy).on(RECOVER, () => deferred.promise, () => createResponse({ outcome: 'recovered' }));
  const first = session.triggerRecoveryCheck();
  await page.clock.advance(8_000);
  deferred.resolve(createResponse({ outcome: 'recovered' }));
  await first;
  for (const wall of [0, 1e15]) {
    page.clock.setWall(wall);
    await session.triggerRecoveryCheck();
  }

  await page.clock.advance(29_999);
  assert.equal(page.server.requestsTo(RECOVER).length, 1);
  await page.clock.advance(1);
  assert.equal(page.server.requestsTo(RECOVER).length, 2);
});

test('a new epoch ends the cooldown', async () => {
  const { page, session } = await openPage();
  page.server.on(HEALTH, respondUnhealthy).on('GET /a', () => createResponse({}));
  await session.triggerRecoveryCheck();
  page.server.epoch = 'epoch-2';
  await session.fetch('/a');
  await settle();
  assert.deepEqual(page.server.requestsTo(RECOVER).map(getTrigger), ['manual', 'new_epoch']);
});

test('a permanently unhealthy session sends a bounded number of requests', async () => {
  const { page, session } = await openPage();
  page.server.on(HEALTH, respondUnhealthy);
  session.addEventListener('auth-recovered', () => setImmediate(() => session.triggerRecoveryCheck()));
  await session.triggerRecoveryCheck();
  await page.clock.advance(3_600_000);
  const recoveries = page.server.requestsTo(RECOVER).length;
  assert.ok(recoveries >= 5 && recoveries < 20, String(recoveries));
  assert.ok(page.server.requests.length < 60, String(page.server.requests.length));

  for (let count = 0; count < 360; count++) {
    await page.clock.advance(10_000);
    await session.triggerRecoveryCheck();
  }

  assert.ok(page.server.requestsTo(RECOVER).length - recoveries < 20, String(page.server.requestsTo(RECOVER).length - recoveries));
});

test('reading the balance on auth-recovered causes no loop', async () => {
  for (const respond of [
    respondUnauthorized, dropConnection, respondWith(503), respondWith(500), () => createResponse('oops'),
    () => createCreditsResponse(0, { version: 1 }),
  ]) {
    const { page, session } = await openPage();
    page.server.on('GET /auth/credits', respond);
    session.addEventListener('auth-recovered', () => void session.refreshCredits());
    page.server.down = true;
    await session.triggerRecoveryCheck();
    page.server.down = false;
    await page.clock.advance(3_600_000);
    assert.equal(session.state, 'ready');
    assert.ok(page.server.requests.length < 120, String(page.server.requests.length));
  }
});

test('a balance of 0 starts no check', async () => {
  const { page, session } = await openPage();
  page.server.on('GET /auth/credits', () => createCreditsResponse(0, { version: 1 }));
  assert.equal((await session.getCredits()).credits, 0);
  await page.clock.advance(3_600_000);
  assert.equal(page.server.requests.length, 1);
  assert.equal(session.state, 'ready');
});

// --- balance reads after checks ---

test('a visible page reads the balance again', async () => {
  const { page, session } = await openPage();
  page.server.on('GET /auth/credits', () => createCreditsResponse(100, { version: 1 }));
  page.server.on(HEALTH, respondHealthy);
  await session.getCredits();
  page.server.on('GET /auth/credits', () => createCreditsResponse(95, { version: 2 }));
  page.document.dispatchEvent(new Event('visibilitychange'));
  await settle();
  assert.equal(session.getSnapshot().credits.credits, 95);
});

test('a manual check reads no balance', async () => {
  const { page, session } = await openPage();
  page.server.on('GET /auth/credits', () => createCreditsResponse(100, { version: 1 }));
  page.server.on(HEALTH, respondHealthy);
  await session.getCredits();
  await session.triggerRecoveryCheck('manual');
  await settle();
  assert.equal(page.server.requestsTo('GET /auth/credits').length, 1);
});
