import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSession } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';
import {
  NEVER, BlockedStorage, FakeAdapter, Page, createCreditsResponse, createDeferred, createResponse, respondUnauthorized,
  respondWith,
} from './fake-server.js';
import { settle } from './fake-clock.js';

const HEALTH = 'GET /session/health';
const RECOVER = 'POST /session/recover';
const END = 'POST /session/end';
const respondHealthy = () => createResponse({ status: 'healthy', checks: [] });
const respondUnhealthy = () => createResponse({ status: 'unhealthy', checks: [] });

async function openPage(adapter = new FakeAdapter()) {
  const page = new Page();
  const session = await page.open(createSession, { adapter });
  page.events.length = 0;
  page.server.requests.length = 0;
  return { page, session, adapter };
}

/** Creates a JSON web token with the only claim that the module reads. */
const webToken = (sub, serial) => `e30.${btoa(JSON.stringify({ sub })).replaceAll('=', '')}.${serial}`;

// --- whenReady ---

test('whenReady resolves for ready and signed_out sessions', async () => {
  const page = new Page();
  const session = createSession({ adapter: new FakeAdapter(), environment: page.environment });
  assert.deepEqual(await session.whenReady(), { state: 'ready', reason: 'healthy' });
  assert.deepEqual(await session.whenReady(), { state: 'ready', reason: 'healthy' });
  const visitor = createSession({ adapter: new FakeAdapter(null), environment: page.environment });
  assert.deepEqual(await visitor.whenReady(), { state: 'signed_out', reason: 'no_session' });
});

test('whenReady resolves with the present state after ten seconds', async () => {
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

test('whenReady resolves despite hanging servers, hanging adapters and disposal', async () => {
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

test('signOut ends the session here, at server and adapter', async () => {
  const { page, session, adapter } = await openPage();
  page.server.on(END, () => NEVER);
  void session.signOut();
  await settle();
  assert.equal(session.state, 'signed_out');
  assert.equal(adapter.signedOut, 1);
  const [end] = page.server.requestsTo(END);
  assert.equal(end.headers.get('Authorization'), 'Bearer token-1');
  assert.equal(end.init.keepalive, true);
  assert.equal(page.getEvents('session-lost').length, 0);
});

test('signOut succeeds without server and with a failing adapter', async () => {
  const { page, session, adapter } = await openPage();
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
    test(`a sign-out by ${how} supersedes a recovery awaiting ${where}`, async () => {
      const { page, session, adapter } = await openPage();
      const deferred = createDeferred();
      page.server.on(HEALTH, where === 'health' ? () => deferred.promise : where === 'refresh' ? respondUnauthorized : respondUnhealthy);
      page.server.on(RECOVER, () => deferred.promise);
      adapter.onRefresh = () => deferred.promise;
      const result = session.triggerRecoveryCheck();
      await settle();
      if (how === 'the page') {
        await session.signOut();
      } else {
        adapter.change('signed_out', null);
      }

      deferred.resolve(where === 'refresh' ? { outcome: 'refreshed' } : createCreditsResponse(99, { version: 9 }));
      assert.deepEqual(await result, { status: 'signed_out', state: 'signed_out' });
      await page.clock.advance(600_000);
      assert.equal(session.state, 'signed_out');
      assert.equal(session.isAuthenticated, false);
      assert.equal(session.getSnapshot().credits.credits, null);
      assert.equal(page.getEvents('auth-recovered').length, 0);
      assert.equal(page.getEvents('session-lost').length, 0);
      assert.equal(page.storage.values.size, 0);
    });
  }
}

test('a sign-out ignores tokens that the adapter keeps or refreshes', async () => {
  const { page, session, adapter } = await openPage();
  adapter.signOut = undefined;
  const deferred = createDeferred();
  adapter.onRefresh = async () => {
    await deferred.promise;
    adapter.change('refreshed', 'token-late');
    return { outcome: 'refreshed' };
  };
  page.server.on(HEALTH, respondUnauthorized);
  void session.triggerRecoveryCheck();
  await settle();
  await session.signOut();
  deferred.resolve();
  await settle();
  for (const reason of ['manual', 'online', 'visible']) {
    assert.equal((await session.triggerRecoveryCheck(reason)).status, 'signed_out');
  }

  page.server.on(HEALTH, respondHealthy);
  adapter.change('signed_in', 'token-new');
  await settle();
  assert.equal(session.state, 'ready');
});

for (const [name, route, act] of [
  ['health check', HEALTH, (session) => session.triggerRecoveryCheck()],
  ['balance read', 'GET /auth/credits', (session) => session.getCredits()],
]) {
  test(`a sign-out aborts the running ${name}`, async () => {
    const { page, session } = await openPage();
    page.server.on(route, () => NEVER);
    const result = act(session);
    await settle();
    await session.signOut();
    assert.ok(page.server.requestsTo(route)[0].init.signal.aborted);
    assert.notEqual((await result).status, 'healthy');
  });
}

test('a sign-out leaves requests of the page running', async () => {
  const { page, session } = await openPage();
  const deferred = createDeferred();
  page.server.on('GET /a', () => deferred.promise);
  const response = session.fetch('/a');
  await settle();
  await session.signOut();
  deferred.resolve(createResponse({}));
  assert.equal((await response).status, 200);
});

test('the same user can sign in again after a sign-out', async () => {
  const { page, session, adapter } = await openPage();
  await session.signOut();
  adapter.change(undefined, 'token-2');
  await settle();
  assert.equal(session.state, 'ready');
  assert.deepEqual(page.states, ['signed_out', 'starting', 'ready']);
});

// --- switch of user ---

for (const where of ['health', 'refresh', 'recover', 'credits']) {
  test(`a user switch drops the pending ${where} response`, async () => {
    const { page, session, adapter } = await openPage();
    const deferred = createDeferred();
    const first = (good) => ({ headers }) => (headers.get('Authorization') === 'Bearer token-1' ? good() : respondHealthy());
    page.server.on(
      HEALTH, first(where === 'health' ? () => deferred.promise : where === 'refresh' ? respondUnauthorized : respondUnhealthy)
    );
    page.server.on(RECOVER, () => deferred.promise);
    page.server.on('GET /auth/credits', first(() => deferred.promise));
    adapter.onRefresh = () => deferred.promise;
    const result = where === 'credits' ? session.getCredits() : session.triggerRecoveryCheck();
    await settle();
    adapter.change('signed_in', 'token-of-2', 'user-2');
    await settle();
    deferred.resolve(where === 'refresh' ? { outcome: 'refused' } : createCreditsResponse(99, { version: 9 }));
    await result;
    await settle();
    assert.equal(session.state, 'ready');
    assert.ok(session.isAuthenticated);
    assert.equal(session.getSnapshot().credits.credits, null);
    assert.equal(page.getEvents('session-lost').length, 0);
    assert.equal(page.getEvents('auth-recovered').length, 0);
  });
}

test('a user switch ends the cooldown', async () => {
  const { page, session, adapter } = await openPage();
  page.server.on(HEALTH, respondUnhealthy);
  await session.triggerRecoveryCheck();
  adapter.change('signed_in', 'token-of-2', 'user-2');
  await settle();
  assert.equal(page.server.requestsTo(RECOVER).length, 2);
});

test('a change without notice is found with the next request', async () => {
  const { page, session, adapter } = await openPage();
  adapter.onChange = undefined;
  await session.getCredits();
  adapter.set('token-of-2', 'user-2');
  page.server.on('GET /a', () => createResponse({}));
  await session.fetch('/a');
  await settle();
  assert.equal(page.server.requestsTo('GET /a')[0].headers.get('Authorization'), 'Bearer token-of-2');
  assert.deepEqual(page.states, ['starting', 'ready']);
});

test('the later of two concurrent adapter calls counts', async () => {
  const { page, session, adapter } = await openPage();
  const slow = createDeferred();
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

test('the token\'s subject tells users apart without a user key', async () => {
  const states = async (first, second) => {
    const adapter = new FakeAdapter(first);
    adapter.userKey = undefined;
    const { page } = await openPage(adapter);
    adapter.change('refreshed', second);
    await settle();
    return page.states;
  };
  assert.deepEqual(await states(webToken('ann', 1), webToken('ann', 2)), []);
  assert.deepEqual(await states(webToken('ann', 1), webToken('bob', 2)), ['starting', 'ready']);
  assert.deepEqual(await states('opaque-1', 'opaque-2'), ['starting', 'ready']);
});

test('an opaque token from its own refresh keeps the user', async () => {
  const adapter = new FakeAdapter();
  adapter.userKey = undefined;
  const { page, session } = await openPage(adapter);
  page.server.on(HEALTH, respondUnauthorized);
  assert.equal((await session.triggerRecoveryCheck()).status, 'recovered');
  assert.deepEqual(page.states, ['recovering', 'ready']);
});

// --- cookies ---

test('session-lost with cookies requires an earlier ready session', async () => {
  const page = new Page();
  page.server.on(HEALTH, respondUnauthorized);
  const session = await page.open(createSession, { adapter: null });
  assert.equal(session.state, 'signed_out');
  assert.equal(page.getEvents('session-lost').length, 0);
  page.server.on(HEALTH, respondHealthy);
  assert.deepEqual(await session.triggerRecoveryCheck('sign_in'), { status: 'healthy', state: 'ready' });
  assert.ok(session.isAuthenticated);
  page.server.on(HEALTH, respondWith(503));
  await session.triggerRecoveryCheck();
  assert.ok(session.isAuthenticated);
  page.server.on(HEALTH, respondUnauthorized);
  await session.triggerRecoveryCheck();
  assert.equal(session.state, 'signed_out');
  assert.equal(page.getEvents('session-lost').length, 1);
});

test('a sign-out with cookies lasts until sign_in is reported', async () => {
  const page = new Page();
  const session = await page.open(createSession, { adapter: null });
  await session.signOut();
  assert.equal(page.server.requestsTo(END)[0].headers.get('Session-Client'), 'browser');
  assert.equal((await session.triggerRecoveryCheck()).status, 'signed_out');
  assert.equal((await session.triggerRecoveryCheck('sign_in')).status, 'healthy');
});

test('every request carries the configured credentials mode', async () => {
  const page = new Page();
  const session = await page.open(createSession, { adapter: null, credentials: 'include' });
  page.server.on('GET /a', () => createResponse({}));
  await session.fetch('/a');
  await session.getCredits();
  assert.ok(page.server.requests.every(({ init }) => init.credentials === 'include'));
});

// --- listeners and disposal ---

test('snapshots are frozen and identical until something changes', async () => {
  const { page, session } = await openPage();
  const { subscribe, getSnapshot, fetch } = session;
  page.server.on('GET /a', () => createResponse({}));
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

test('a failing listener is reported and stops no other', async () => {
  const { session } = await openPage();
  const reported = [];
  globalThis.reportError = (error) => reported.push(error.message);
  let calls = 0;
  session.subscribe(() => { throw new Error('fault of the page'); });
  session.subscribe(() => calls++);
  await session.getCredits();
  delete globalThis.reportError;
  assert.deepEqual(reported, ['fault of the page']);
  assert.equal(calls, 1);
});

test('a disposed session is inert', async () => {
  const { page, session, adapter } = await openPage();
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

test('a session works without a usable storage', async () => {
  for (const storage of [new BlockedStorage(), null]) {
    const page = new Page();
    page.storage = storage;
    const session = await page.open(createSession);
    assert.equal((await session.getCredits()).credits, 7);
    await session.signOut();
    assert.equal(session.state, 'signed_out');
  }
});
