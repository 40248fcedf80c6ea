import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSession } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';
import { FakeAdapter, NEVER, Page, credits, failed, json, later, refused } from './fake-server.js';
import { settle } from './fake-clock.js';

const HEALTH = 'GET /session/health';
const RECOVER = 'POST /session/recover';
const healthy = () => json({ status: 'healthy', checks: [] });
const unhealthy = () => json({ status: 'unhealthy', checks: [{ name: 'credits', status: 'unhealthy', reason: 'other_user' }] });
const dropped = () => { throw new TypeError('Failed to fetch'); };
const triggerOf = ({ body }) => JSON.parse(body).trigger;

async function opened(adapter = new FakeAdapter(), options = {}) {
  const page = new Page();
  const session = await page.open(createSession, { adapter, ...options });
  page.events.length = 0;
  page.server.requests.length = 0;
  return { page, session, adapter };
}

// --- epochs ---

test('the first epoch is learnt; an unseen one starts one quiet check; a known one nothing', async () => {
  const { page, session } = await opened();
  page.server.on('GET /a', () => json({}));
  await session.fetch('/a');
  assert.equal(page.server.to(HEALTH).length, 0);
  page.server.epoch = 'epoch-2';
  await session.fetch('/a');
  await settle();
  await session.fetch('/a');
  page.server.epoch = 'epoch-1';
  await session.fetch('/a');
  await settle();
  assert.equal(page.server.to(HEALTH).length, 1);
  assert.equal(page.server.to(RECOVER).length, 0);
  assert.deepEqual(page.events, []);
});

test('the very first epoch is no news, even when no check has brought it', async () => {
  const page = new Page();
  page.server.epoch = null;
  const session = await page.open(createSession);
  page.server.epoch = 'epoch-1';
  page.server.on('GET /a', () => json({}));
  await session.fetch('/a');
  await settle();
  assert.equal(page.server.to(HEALTH).length, 1);
});

test('eight epochs are remembered and the ninth pushes out the first', async () => {
  const { page, session } = await opened();
  page.server.on('GET /a', () => json({}));
  const see = async (epoch) => {
    page.server.epoch = epoch;
    const before = page.server.to(HEALTH).length;
    await session.fetch('/a');
    await settle();
    return page.server.to(HEALTH).length - before;
  };
  for (let number = 2; number <= 8; number++) {
    assert.equal(await see(`epoch-${number}`), 1);
  }

  assert.equal(await see('epoch-1'), 0);
  assert.equal(await see('epoch-9'), 1);
  assert.equal(await see('epoch-1'), 1);
});

test('an epoch that is news during a check that an older process answers is checked once more', async () => {
  const { page, session } = await opened();
  const answer = later();
  page.server.on(HEALTH, () => answer.promise, healthy);
  void session.triggerRecoveryCheck();
  page.server.on('GET /a', () => json({}));
  page.server.epoch = 'epoch-2';
  await session.fetch('/a');
  answer.resolve(json({ status: 'healthy' }, { headers: { 'Session-Epoch': 'epoch-1' } }));
  await settle();
  assert.equal(page.server.to(HEALTH).length, 2);
});

test('an epoch that is news during a check that its own process answers needs no second one', async () => {
  const { page, session } = await opened();
  const answer = later();
  page.server.on(HEALTH, () => answer.promise);
  void session.triggerRecoveryCheck();
  page.server.on('GET /a', () => json({}));
  page.server.epoch = 'epoch-2';
  await session.fetch('/a');
  answer.resolve(json({ status: 'healthy' }, { headers: { 'Session-Epoch': 'epoch-2' } }));
  await settle();
  assert.equal(page.server.to(HEALTH).length, 1);
});

// --- checks ---

test('one check at a time: whoever comes meanwhile shares its result', async () => {
  const { page, session } = await opened();
  const answer = later();
  page.server.on(HEALTH, () => answer.promise);
  const results = [session.triggerRecoveryCheck(), session.triggerRecoveryCheck('online'), session.triggerRecoveryCheck('visible')];
  await settle();
  answer.resolve(healthy());
  assert.deepEqual((await Promise.all(results)).map(({ status }) => status), ['healthy', 'healthy', 'healthy']);
  assert.equal(page.server.to(HEALTH).length, 1);
});

test('a check has no cooldown', async () => {
  const { page, session } = await opened();
  for (let count = 0; count < 5; count++) {
    await session.triggerRecoveryCheck();
  }

  assert.equal(page.server.to(HEALTH).length, 5);
});

test('online, becoming visible and coming back from the page cache start a check; becoming hidden and a first load do not', async () => {
  const { page } = await opened();
  const after = async (action) => {
    const before = page.server.to(HEALTH).length;
    action();
    await settle();
    return page.server.to(HEALTH).length - before;
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
  ['a 401', ({ page, session }) => { page.server.on('GET /a', refused); void session.fetch('/a'); }, 'unauthorized'],
  ['a lost request', ({ page, session }) => { page.server.on('GET /a', dropped); void session.fetch('/a'); }, 'request_failed'],
  ['a gateway\'s 502', ({ page, session }) => { page.server.on('GET /a', failed(502)); void session.fetch('/a'); }, 'request_failed'],
  ['a new epoch', ({ page, session }) => { page.server.on('GET /a', () => json({}, { headers: { 'Session-Epoch': 'e-9' } })); void session.fetch('/a'); }, 'new_epoch'],
]) {
  test(`the server is told the cause of a recovery: ${name} is ${trigger}`, async () => {
    const context = await opened();
    context.page.server.on(HEALTH, unhealthy);
    void act(context);
    await settle();
    assert.deepEqual(context.page.server.to(RECOVER).map(triggerOf), [trigger]);
  });
}

test('a 503 of the application itself, which names its epoch, starts no check', async () => {
  const { page, session } = await opened();
  page.server.on('GET /a', failed(503, { 'Session-Epoch': 'epoch-1' }));
  void session.fetch('/a');
  await page.clock.advance(30_000);
  assert.equal(page.server.to(HEALTH).length, 0);
});

for (const [name, body] of [['no JSON', '<html>sign in</html>'], ['half a body', '{"status":"heal'], ['an array', '[]'], ['null', 'null'], ['no status', '{}'], ['a strange status', '{"status":"great"}'], ['checks that are none', '{"status":"inconclusive","checks":7,"retry_after_ms":"soon"}']]) {
  test(`a health answer with ${name} is inconclusive: in doubt, tried again, nobody is signed out`, async () => {
    const { page, session } = await opened();
    page.server.on(HEALTH, () => json(body), healthy);
    assert.deepEqual(await session.triggerRecoveryCheck(), { status: 'inconclusive', state: 'suspect' });
    assert.ok(session.isAuthenticated);
    await page.clock.advance(1_000);
    assert.equal(session.state, 'ready');
    assert.equal(page.named('auth-recovered').length, 1);
    assert.equal(page.server.to(RECOVER).length, 0);
  });
}

test('an inconclusive check is made again after what the server asks for, and ever more rarely', async () => {
  const { page, session } = await opened();
  page.server.on(HEALTH, () => json({ status: 'inconclusive', checks: [], retry_after_ms: 5_000 }));
  await session.triggerRecoveryCheck();
  await page.clock.advance(4_999);
  assert.equal(page.server.to(HEALTH).length, 1);
  await page.clock.advance(1);
  assert.equal(page.server.to(HEALTH).length, 2);
  await page.clock.advance(3_600_000);
  assert.ok(page.server.to(HEALTH).length < 100, String(page.server.to(HEALTH).length));
  assert.equal(session.state, 'suspect');
});

test('an absurd wait is capped', async () => {
  for (const answer of [() => json({ status: 'inconclusive', retry_after_ms: 1e12 }), failed(503, { 'Retry-After': '99999999' })]) {
    const { page, session } = await opened();
    page.server.on(HEALTH, answer, healthy);
    await session.triggerRecoveryCheck();
    await page.clock.advance(60_000);
    assert.equal(session.state, 'ready');
  }
});

test('an adapter that throws or hangs is in doubt, and neither signs out nor holds up the page', async () => {
  for (const getAccessToken of [() => { throw new Error('library'); }, () => NEVER]) {
    const { page, session, adapter } = await opened();
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

// --- a lost server ---

test('a killed server: quick tries for 3 s, then rarer ones, and ready within 250 ms of a quick return', async () => {
  const { page, session } = await opened();
  page.server.down = true;
  await session.triggerRecoveryCheck();
  assert.equal(session.state, 'offline');
  await page.clock.advance(2_000);
  const times = page.server.to(HEALTH).map(({ at }) => at);
  assert.ok(times.slice(1).every((at, index) => at - times[index] >= 100 && at - times[index] <= 250));
  page.server.down = false;
  page.server.epoch = 'epoch-2';
  await page.clock.advance(250);
  assert.deepEqual(page.states, ['offline', 'ready']);
  assert.equal(page.named('auth-recovered').length, 1);
  assert.equal(page.server.to(RECOVER).length, 0);
});

test('a server that stays away is asked a bounded number of times, and nobody is signed out', async () => {
  const { page, session } = await opened();
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

test('a health check without an answer runs into its time limit', async () => {
  const { page, session } = await opened();
  page.server.on(HEALTH, () => NEVER, healthy);
  const result = session.triggerRecoveryCheck();
  await page.clock.advance(10_000);
  assert.equal((await result).status, 'unreachable');
  await page.clock.advance(250);
  assert.equal(session.state, 'ready');
});

// --- recoveries ---

test('an unhealthy session whose token is good is recovered without a refresh', async () => {
  const { page, session, adapter } = await opened();
  page.server.on(HEALTH, unhealthy);
  assert.deepEqual(await session.triggerRecoveryCheck(), { status: 'recovered', state: 'ready' });
  assert.deepEqual(page.states, ['recovering', 'ready']);
  assert.equal(adapter.refreshes.length, 0);
  assert.equal(page.server.to(RECOVER)[0].headers.get('Content-Type'), 'application/json');
});

for (const [name, answer] of [
  ['a 401', refused],
  ['a refused check', () => json({ status: 'unhealthy', checks: [{ name: 'authority', status: 'unhealthy', reason: 'refused' }] })],
  ['a check without authentication', () => json({ status: 'unhealthy', checks: [null, { name: 'credits', status: 'unhealthy', reason: 'unauthenticated' }] })],
]) {
  test(`${name} means a refresh first, and the server is asked with the new token`, async () => {
    const { page, session, adapter } = await opened();
    page.server.on(HEALTH, answer).on(RECOVER, () => json({ outcome: 'not_needed', status: 'unavailable' }));
    assert.equal((await session.triggerRecoveryCheck()).status, 'recovered');
    assert.deepEqual(adapter.refreshes, [{ token: 'token-1' }]);
    assert.equal(page.server.to(RECOVER)[0].headers.get('Authorization'), 'Bearer token-2');
    assert.equal(page.named('auth-recovered').length, 1);
  });
}

test('a token that was refused only when the server was asked to recover is refreshed once', async () => {
  const { page, session, adapter } = await opened();
  page.server.on(HEALTH, unhealthy).on(RECOVER, refused);
  assert.equal((await session.triggerRecoveryCheck()).status, 'unhealthy');
  assert.equal(adapter.refreshes.length, 1);
  assert.equal(page.server.to(RECOVER).length, 2);
  assert.equal(session.state, 'suspect');
});

test('a token that another tab renewed during the check is checked, not refreshed again', async () => {
  const { page, session, adapter } = await opened();
  const answer = later();
  page.server.on(HEALTH, () => answer.promise, healthy);
  const result = session.triggerRecoveryCheck();
  await settle();
  adapter.change('refreshed', 'token-of-other-tab');
  answer.resolve(refused());
  assert.equal((await result).status, 'healthy');
  assert.equal(adapter.refreshes.length, 0);
});

test('a token that another tab brings while this one is in doubt is tried at once', async () => {
  const { page, session, adapter } = await opened();
  page.server.on(HEALTH, refused);
  adapter.onRefresh = () => ({ outcome: 'unavailable', reason: 'http_503' });
  await session.triggerRecoveryCheck();
  assert.equal(session.state, 'suspect');
  page.server.on(HEALTH, healthy);
  adapter.change('refreshed', 'token-of-other-tab');
  await settle();
  assert.equal(session.state, 'ready');
});

test('only the authority\'s refusal signs out, and it says so', async () => {
  const { page, session, adapter } = await opened();
  adapter.onRefresh = () => ({ outcome: 'refused', reason: 'revoked' });
  page.server.on(HEALTH, refused);
  assert.deepEqual(await session.triggerRecoveryCheck(), { status: 'signed_out', state: 'signed_out' });
  assert.deepEqual(page.named('session-lost').map(({ detail }) => detail), [{ reason: 'revoked' }]);
  assert.equal(session.isAuthenticated, false);
  assert.equal(page.server.to(RECOVER).length, 0);
});

for (const [name, answer] of [
  ['is unavailable', () => ({ outcome: 'unavailable', reason: 'http_503' })],
  ['has no network', () => ({ outcome: 'unavailable', reason: 'network' })],
  ['throws', () => { throw new Error('library'); }],
  ['hangs', () => NEVER],
  ['answers nothing', () => undefined],
  ['answers nonsense', () => ({ outcome: 'perhaps' })],
]) {
  test(`a refresh that ${name} signs nobody out, and is tried again a bounded number of times`, async () => {
    const { page, session, adapter } = await opened();
    adapter.onRefresh = answer;
    page.server.on(HEALTH, refused);
    void session.triggerRecoveryCheck();
    await page.clock.advance(3_600_000);
    assert.ok(session.isAuthenticated);
    assert.equal(page.named('session-lost').length, 0);
    assert.ok(adapter.refreshes.length >= 10 && adapter.refreshes.length < 250, String(adapter.refreshes.length));
    page.server.on(HEALTH, healthy);
    await page.clock.advance(330_000);
    assert.equal(session.state, 'ready');
  });
}

for (const [name, answer] of [['failed', () => json({ outcome: 'failed' })], ['nonsense', () => json('oops')], ...[400, 403, 429, 500, 502, 503].map((status) => [String(status), failed(status)])]) {
  test(`a recovery answered with ${name} signs nobody out and backs off`, async () => {
    const { page, session } = await opened();
    page.server.on(HEALTH, unhealthy).on(RECOVER, answer);
    await session.triggerRecoveryCheck();
    assert.equal(session.state, 'suspect');
    await page.clock.advance(3_600_000);
    const times = page.server.to(RECOVER).map(({ at }) => at);
    assert.deepEqual(times.slice(0, 5), [0, 30_000, 90_000, 210_000, 450_000]);
    assert.ok(times.length < 20, String(times.length));
    assert.ok(session.isAuthenticated);
  });
}

test('a healthy check ends the back-off, and a recovery long after the last one starts without it', async () => {
  for (const between of [
    async ({ page, session }) => {
      page.server.on(HEALTH, healthy);
      await page.clock.advance(30_000);
      await session.triggerRecoveryCheck();
    },
    ({ page }) => page.clock.advance(600_001),
  ]) {
    const context = await opened();
    const { page, session } = context;
    page.server.on(HEALTH, unhealthy);
    await session.triggerRecoveryCheck();
    await between(context);
    page.server.on(HEALTH, unhealthy);
    await session.triggerRecoveryCheck();
    assert.equal(page.server.to(RECOVER).length, 2);
    await session.triggerRecoveryCheck();
    await page.clock.advance(29_999);
    assert.equal(page.server.to(RECOVER).length, 2);
    await page.clock.advance(1);
    assert.equal(page.server.to(RECOVER).length, 3);
  }
});

test('an authority that can\'t be reached is offline, and is asked again at once when it is back', async () => {
  const { page, session, adapter } = await opened();
  const good = adapter.onRefresh;
  adapter.onRefresh = () => ({ outcome: 'unavailable', reason: 'network' });
  page.server.on(HEALTH, refused);
  assert.deepEqual(await session.triggerRecoveryCheck(), { status: 'unreachable', state: 'offline' });
  adapter.onRefresh = good;
  await page.clock.advance(250);
  assert.equal(session.state, 'ready');
});

test('Retry-After of a recovery makes the cooldown longer, never shorter', async () => {
  for (const [value, next] of [['45', 45_000], ['1', 30_000]]) {
    const { page, session } = await opened();
    page.server.on(HEALTH, unhealthy).on(RECOVER, failed(429, { 'Retry-After': value }));
    await session.triggerRecoveryCheck();
    await page.clock.advance(next);
    assert.deepEqual(page.server.to(RECOVER).map(({ at }) => at), [0, next]);
  }
});

test('a server that went away during a recovery is asked again as soon as it is back, without a cooldown', async () => {
  const { page, session } = await opened();
  page.server.on(HEALTH, unhealthy).on(RECOVER, dropped, () => json({ outcome: 'recovered' }));
  assert.equal((await session.triggerRecoveryCheck()).status, 'unreachable');
  await page.clock.advance(250);
  assert.deepEqual(page.states, ['recovering', 'offline', 'recovering', 'ready']);
});

test('with recovery switched off at the server a healthy check afterwards is success, and anything else is not', async () => {
  for (const [second, status] of [[healthy, 'recovered'], [unhealthy, 'unhealthy'], [dropped, 'unreachable']]) {
    const { page, session } = await opened();
    page.server.on(RECOVER, failed(404)).on(HEALTH, unhealthy, second);
    assert.equal((await session.triggerRecoveryCheck()).status, status);
  }
});

test('the cooldown: callers get the last result, and of many checks one follows by itself when it ends', async () => {
  const { page, session } = await opened();
  page.server.on(HEALTH, unhealthy);
  await session.triggerRecoveryCheck();
  await page.clock.advance(10_000);
  page.server.requests.length = 0;
  for (let count = 0; count < 5; count++) {
    assert.deepEqual(await session.triggerRecoveryCheck(), { status: 'recovered', state: 'suspect' });
  }

  assert.equal(page.server.to(RECOVER).length, 0);
  await page.clock.advance(19_999);
  assert.equal(page.server.to(HEALTH).length, 5);
  await page.clock.advance(1);
  assert.equal(page.server.to(HEALTH).length, 6);
  assert.deepEqual(page.server.to(RECOVER).map(({ at }) => at), [30_000]);
});

test('the cooldown runs from the end of a recovery, on a clock that nobody can set', async () => {
  const { page, session } = await opened();
  const answer = later();
  page.server.on(HEALTH, unhealthy).on(RECOVER, () => answer.promise, () => json({ outcome: 'recovered' }));
  const first = session.triggerRecoveryCheck();
  await page.clock.advance(8_000);
  answer.resolve(json({ outcome: 'recovered' }));
  await first;
  for (const wall of [0, 1e15]) {
    page.clock.setWall(wall);
    await session.triggerRecoveryCheck();
  }

  await page.clock.advance(29_999);
  assert.equal(page.server.to(RECOVER).length, 1);
  await page.clock.advance(1);
  assert.equal(page.server.to(RECOVER).length, 2);
});

test('a new epoch ends the cooldown: another process knows nothing of the last recovery', async () => {
  const { page, session } = await opened();
  page.server.on(HEALTH, unhealthy).on('GET /a', () => json({}));
  await session.triggerRecoveryCheck();
  page.server.epoch = 'epoch-2';
  await session.fetch('/a');
  await settle();
  assert.deepEqual(page.server.to(RECOVER).map(triggerOf), ['manual', 'new_epoch']);
});

test('a server that says unhealthy for ever, whatever is recovered, gets a bounded number of requests in an hour', async () => {
  const { page, session } = await opened();
  page.server.on(HEALTH, unhealthy);
  session.addEventListener('auth-recovered', () => setImmediate(() => session.triggerRecoveryCheck()));
  await session.triggerRecoveryCheck();
  await page.clock.advance(3_600_000);
  const recoveries = page.server.to(RECOVER).length;
  assert.ok(recoveries >= 5 && recoveries < 20, String(recoveries));
  assert.ok(page.server.requests.length < 60, String(page.server.requests.length));

  for (let count = 0; count < 360; count++) {
    await page.clock.advance(10_000);
    await session.triggerRecoveryCheck();
  }

  assert.ok(page.server.to(RECOVER).length - recoveries < 20, String(page.server.to(RECOVER).length - recoveries));
});

test('a page that reads its balance on every auth-recovered makes no loop, whatever the balance\'s address answers', async () => {
  for (const answer of [refused, dropped, failed(503), failed(500), () => json('oops'), () => credits(0, { version: 1 })]) {
    const { page, session } = await opened();
    page.server.on('GET /auth/credits', answer);
    session.addEventListener('auth-recovered', () => void session.refreshCredits());
    page.server.down = true;
    await session.triggerRecoveryCheck();
    page.server.down = false;
    await page.clock.advance(3_600_000);
    assert.equal(session.state, 'ready');
    assert.ok(page.server.requests.length < 120, String(page.server.requests.length));
  }
});

test('a balance of 0 triggers nothing', async () => {
  const { page, session } = await opened();
  page.server.on('GET /auth/credits', () => credits(0, { version: 1 }));
  assert.equal((await session.getCredits()).credits, 0);
  await page.clock.advance(3_600_000);
  assert.equal(page.server.requests.length, 1);
  assert.equal(session.state, 'ready');
});

// --- after a time in which another tab may have spent ---

test('a page that is looked at again reads the balance anew, since another tab may have spent', async () => {
  const { page, session } = await opened();
  page.server.on('GET /auth/credits', () => credits(100, { version: 1 }));
  page.server.on(HEALTH, healthy);
  await session.getCredits();
  page.server.on('GET /auth/credits', () => credits(95, { version: 2 }));
  page.document.dispatchEvent(new Event('visibilitychange'));
  await settle();
  assert.equal(session.getSnapshot().credits.credits, 95);
});

test('a check that nobody was away for reads no balance', async () => {
  const { page, session } = await opened();
  page.server.on('GET /auth/credits', () => credits(100, { version: 1 }));
  page.server.on(HEALTH, healthy);
  await session.getCredits();
  await session.triggerRecoveryCheck('manual');
  await settle();
  assert.equal(page.server.to('GET /auth/credits').length, 1);
});
