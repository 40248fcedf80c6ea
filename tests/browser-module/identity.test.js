import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSession } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';
import { BlockedStorage, FakeAdapter, NEVER, Page, credits, failed, json, later, refused } from './fake-server.js';
import { settle } from './fake-clock.js';

const HEALTH = 'GET /session/health';
const RECOVER = 'POST /session/recover';
const END = 'POST /session/end';
const healthy = () => json({ status: 'healthy', checks: [] });
const unhealthy = () => json({ status: 'unhealthy', checks: [] });

async function opened(adapter = new FakeAdapter()) {
  const page = new Page();
  const session = await page.open(createSession, { adapter });
  page.events.length = 0;
  page.server.requests.length = 0;
  return { page, session, adapter };
}

/** A JSON web token of a user, as far as this module reads one. */
const webToken = (sub, serial) => `e30.${btoa(JSON.stringify({ sub })).replaceAll('=', '')}.${serial}`;

// --- whenReady ---

test('whenReady resolves with ready, with signed_out, and at once when either is so already', async () => {
  const page = new Page();
  const session = createSession({ adapter: new FakeAdapter(), environment: page.environment });
  assert.deepEqual(await session.whenReady(), { state: 'ready', reason: 'healthy' });
  assert.deepEqual(await session.whenReady(), { state: 'ready', reason: 'healthy' });
  const visitor = createSession({ adapter: new FakeAdapter(null), environment: page.environment });
  assert.deepEqual(await visitor.whenReady(), { state: 'signed_out', reason: 'no_session' });
});

test('whenReady waits for a server that restarts, and after ten seconds says what is so, without polling', async () => {
  const page = new Page();
  page.server.down = true;
  const session = await page.open(createSession);
  const quick = session.whenReady();
  const outcomes = [];
  quick.then((outcome) => outcomes.push(outcome));
  await page.clock.advance(9_999);
  assert.deepEqual(outcomes, []);
  await page.clock.advance(1);
  assert.deepEqual(outcomes, [{ state: 'offline', reason: 'timeout' }]);
  assert.ok(session.isAuthenticated);
  const patient = session.whenReady();
  page.server.down = false;
  await page.clock.advance(30_000);
  assert.deepEqual(await patient, { state: 'ready', reason: 'healthy' });
});

test('whenReady never hangs: neither on a silent server, nor on an adapter that hangs, nor on a disposal', async () => {
  const page = new Page();
  page.server.on(HEALTH, () => NEVER);
  const silent = (await page.open(createSession)).whenReady();
  const hanging = (await page.open(createSession, { adapter: { getAccessToken: () => NEVER, refresh: () => NEVER } })).whenReady();
  const disposed = await page.open(createSession);
  const ready = disposed.whenReady();
  disposed.dispose();
  assert.deepEqual(await ready, { state: 'starting', reason: 'disposed' });
  await page.clock.advance(10_000);
  assert.equal((await silent).reason, 'timeout');
  assert.equal((await hanging).reason, 'timeout');
});

// --- sign-out ---

test('a sign-out is there at once, ends the session at the server with its token, and tells the adapter', async () => {
  const { page, session, adapter } = await opened();
  page.server.on(END, () => NEVER);
  void session.signOut();
  await settle();
  assert.equal(session.state, 'signed_out');
  assert.equal(adapter.signedOut, 1);
  const [end] = page.server.to(END);
  assert.equal(end.headers.get('Authorization'), 'Bearer token-1');
  assert.equal(end.init.keepalive, true);
  assert.equal(page.named('session-lost').length, 0);
});

test('a sign-out succeeds without the server and with an adapter that throws', async () => {
  const { page, session, adapter } = await opened();
  page.server.down = true;
  adapter.signOut = () => { throw new Error('library'); };
  await session.signOut();
  assert.equal(session.state, 'signed_out');
  await page.clock.advance(600_000);
  assert.equal(session.state, 'signed_out');
  assert.equal(page.server.requests.length, 1);
});

for (const where of ['health', 'refresh', 'recover']) {
  for (const how of ['the page', 'another tab']) {
    test(`a sign-out by ${how} while a recovery waits for ${where} wins, and the late answer brings nothing back`, async () => {
      const { page, session, adapter } = await opened();
      const answer = later();
      page.server.on(HEALTH, where === 'health' ? () => answer.promise : where === 'refresh' ? refused : unhealthy);
      page.server.on(RECOVER, () => answer.promise);
      adapter.onRefresh = () => answer.promise;
      const result = session.triggerRecoveryCheck();
      await settle();
      if (how === 'the page') {
        await session.signOut();
      } else {
        adapter.change('signed_out', null);
      }

      answer.resolve(where === 'refresh' ? { outcome: 'refreshed' } : credits(99, { version: 9 }));
      assert.deepEqual(await result, { status: 'signed_out', state: 'signed_out' });
      await page.clock.advance(600_000);
      assert.equal(session.state, 'signed_out');
      assert.equal(session.isAuthenticated, false);
      assert.equal(session.getSnapshot().credits.credits, null);
      assert.equal(page.named('auth-recovered').length, 0);
      assert.equal(page.named('session-lost').length, 0);
      assert.equal(page.storage.values.size, 0);
    });
  }
}

test('an adapter that keeps its token over a sign-out, or gets a new one from a refresh under way, brings nobody back', async () => {
  const { page, session, adapter } = await opened();
  adapter.signOut = undefined;
  const answer = later();
  adapter.onRefresh = async () => {
    await answer.promise;
    adapter.change('refreshed', 'token-late');
    return { outcome: 'refreshed' };
  };
  page.server.on(HEALTH, refused);
  void session.triggerRecoveryCheck();
  await settle();
  await session.signOut();
  answer.resolve();
  await settle();
  for (const reason of ['manual', 'online', 'visible']) {
    assert.equal((await session.triggerRecoveryCheck(reason)).status, 'signed_out');
  }

  page.server.on(HEALTH, healthy);
  adapter.change('signed_in', 'token-new');
  await settle();
  assert.equal(session.state, 'ready');
});

test('after a sign-out the same user can sign in again, with an adapter that gives no reasons too', async () => {
  const { page, session, adapter } = await opened();
  await session.signOut();
  adapter.change(undefined, 'token-2');
  await settle();
  assert.equal(session.state, 'ready');
  assert.deepEqual(page.states, ['signed_out', 'starting', 'ready']);
});

// --- another user ---

for (const where of ['health', 'refresh', 'recover', 'credits']) {
  test(`another user who signs in while ${where} is awaited is not given the first one's answer`, async () => {
    const { page, session, adapter } = await opened();
    const answer = later();
    const first = (good) => ({ headers }) => (headers.get('Authorization') === 'Bearer token-1' ? good() : healthy());
    page.server.on(HEALTH, first(where === 'health' ? () => answer.promise : where === 'refresh' ? refused : unhealthy));
    page.server.on(RECOVER, () => answer.promise);
    page.server.on('GET /auth/credits', first(() => answer.promise));
    adapter.onRefresh = () => answer.promise;
    const result = where === 'credits' ? session.getCredits() : session.triggerRecoveryCheck();
    await settle();
    adapter.change('signed_in', 'token-of-2', 'user-2');
    await settle();
    answer.resolve(where === 'refresh' ? { outcome: 'refused' } : credits(99, { version: 9 }));
    await result;
    await settle();
    assert.equal(session.state, 'ready');
    assert.ok(session.isAuthenticated);
    assert.equal(session.getSnapshot().credits.credits, null);
    assert.equal(page.named('session-lost').length, 0);
    assert.equal(page.named('auth-recovered').length, 0);
  });
}

test('another user starts without the first one\'s cooldown', async () => {
  const { page, session, adapter } = await opened();
  page.server.on(HEALTH, unhealthy);
  await session.triggerRecoveryCheck();
  adapter.change('signed_in', 'token-of-2', 'user-2');
  await settle();
  assert.equal(page.server.to(RECOVER).length, 2);
});

test('an adapter without notices is believed at the next request', async () => {
  const { page, session, adapter } = await opened();
  adapter.onChange = undefined;
  await session.getCredits();
  adapter.set('token-of-2', 'user-2');
  page.server.on('GET /a', () => json({}));
  await session.fetch('/a');
  await settle();
  assert.equal(page.server.to('GET /a')[0].headers.get('Authorization'), 'Bearer token-of-2');
  assert.deepEqual(page.states, ['starting', 'ready']);
});

test('of two looks at an adapter the one that began later counts, whichever answers first', async () => {
  const { page, session, adapter } = await opened();
  const slow = later();
  adapter.getAccessToken = () => slow.promise;
  void session.triggerRecoveryCheck();
  await settle();
  adapter.getAccessToken = () => 'token-of-2';
  adapter.change('signed_in', 'token-of-2', 'user-2');
  await settle();
  slow.resolve('token-1');
  await settle();
  assert.equal(page.states.filter((state) => state === 'starting').length, 1);
  assert.deepEqual(page.server.requests.map(({ headers }) => headers.get('Authorization')), ['Bearer token-of-2']);
});

test('without a user key the subject of a web token tells users apart, and an opaque token counts as another user', async () => {
  const states = async (first, second) => {
    const adapter = new FakeAdapter(first);
    adapter.userKey = undefined;
    const { page } = await opened(adapter);
    adapter.change('refreshed', second);
    await settle();
    return page.states;
  };
  assert.deepEqual(await states(webToken('ann', 1), webToken('ann', 2)), []);
  assert.deepEqual(await states(webToken('ann', 1), webToken('bob', 2)), ['starting', 'ready']);
  assert.deepEqual(await states('opaque-1', 'opaque-2'), ['starting', 'ready']);
});

test('an opaque token that this session\'s own refresh brought is the same user\'s', async () => {
  const adapter = new FakeAdapter();
  adapter.userKey = undefined;
  const { page, session } = await opened(adapter);
  page.server.on(HEALTH, refused);
  assert.equal((await session.triggerRecoveryCheck()).status, 'recovered');
  assert.deepEqual(page.states, ['recovering', 'ready']);
});

// --- cookies ---

test('with cookies a visitor is signed out and has lost nothing; a session that the server then refuses is lost', async () => {
  const page = new Page();
  page.server.on(HEALTH, refused);
  const session = await page.open(createSession, { adapter: null });
  assert.equal(session.state, 'signed_out');
  assert.equal(page.named('session-lost').length, 0);
  page.server.on(HEALTH, healthy);
  assert.deepEqual(await session.triggerRecoveryCheck('sign_in'), { status: 'healthy', state: 'ready' });
  assert.ok(session.isAuthenticated);
  page.server.on(HEALTH, failed(503));
  await session.triggerRecoveryCheck();
  assert.ok(session.isAuthenticated);
  page.server.on(HEALTH, refused);
  await session.triggerRecoveryCheck();
  assert.equal(session.state, 'signed_out');
  assert.equal(page.named('session-lost').length, 1);
});

test('with cookies a sign-out holds until the page says that somebody signed in', async () => {
  const page = new Page();
  const session = await page.open(createSession, { adapter: null });
  await session.signOut();
  assert.equal(page.server.to(END)[0].headers.get('Session-Client'), 'browser');
  assert.equal((await session.triggerRecoveryCheck()).status, 'signed_out');
  assert.equal((await session.triggerRecoveryCheck('sign_in')).status, 'healthy');
});

test('with cookies of another origin every request says so', async () => {
  const page = new Page();
  const session = await page.open(createSession, { adapter: null, credentials: 'include' });
  page.server.on('GET /a', () => json({}));
  await session.fetch('/a');
  await session.getCredits();
  assert.ok(page.server.requests.every(({ init }) => init.credentials === 'include'));
});

// --- listeners and disposal ---

test('a snapshot is frozen, stays the same object while nothing changes, and its functions need no object', async () => {
  const { page, session } = await opened();
  const { subscribe, getSnapshot, fetch } = session;
  page.server.on('GET /a', () => json({}));
  let calls = 0;
  const stop = subscribe(() => calls++);
  const before = getSnapshot();
  await fetch('/a');
  await session.triggerRecoveryCheck();
  assert.equal(getSnapshot(), before);
  assert.equal(calls, 0);
  assert.ok(Object.isFrozen(before) && Object.isFrozen(before.credits));
  await session.getCredits();
  const after = getSnapshot();
  assert.notEqual(after, before);
  await session.getCredits();
  assert.equal(getSnapshot(), after);
  assert.equal(calls, 1);
  stop();
  await session.signOut();
  assert.equal(calls, 1);
});

test('a listener that throws is reported and keeps nobody else from hearing', async () => {
  const { session } = await opened();
  const reported = [];
  globalThis.reportError = (error) => reported.push(error.message);
  let heard = 0;
  session.subscribe(() => { throw new Error('the page\'s fault'); });
  session.subscribe(() => heard++);
  await session.getCredits();
  delete globalThis.reportError;
  assert.deepEqual(reported, ['the page\'s fault']);
  assert.equal(heard, 1);
});

test('a disposed session sets no timer, listens to nothing and changes no more', async () => {
  const { page, session, adapter } = await opened();
  page.server.down = true;
  await session.triggerRecoveryCheck();
  assert.equal(page.clock.pendingTimers, 1);
  session.dispose();
  session.dispose();
  assert.equal(page.clock.pendingTimers, 0);
  assert.equal(adapter.listeners.size, 0);
  page.server.requests.length = 0;
  page.server.down = false;
  page.window.dispatchEvent(new Event('online'));
  adapter.change('signed_out', null);
  assert.equal((await session.triggerRecoveryCheck()).status, 'inconclusive');
  await page.clock.advance(60_000);
  assert.equal(session.state, 'offline');
  assert.equal(page.server.requests.length, 0);
});

test('the module works where storage is blocked, full or absent', async () => {
  for (const storage of [new BlockedStorage(), null]) {
    const page = new Page();
    page.storage = storage;
    const session = await page.open(createSession);
    assert.equal((await session.getCredits()).credits, 7);
    await session.signOut();
    assert.equal(session.state, 'signed_out');
  }
});
