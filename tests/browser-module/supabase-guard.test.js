import assert from 'node:assert/strict';
import { test } from 'node:test';
import { supabaseAdapter, supabaseFetch } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';
import { FakeLocks } from './fake-browser.js';
import { PROJECT, respondWithError, createResponse } from './fake-gotrue.js';
import { FakeClock, settle } from './fake-clock.js';
import { NEVER, BlockedStorage, FakeStorage, createDeferred } from './fake-server.js';

const KEY = 'sb-project-auth-token';
const URL_OF_REFRESH = `${PROJECT}/auth/v1/token?grant_type=refresh_token`;
const createSession = (name, more = {}) => ({
  access_token: `access-${name}`, refresh_token: `refresh-${name}`, expires_in: 3600, expires_at: 2e9, ...more
});
const respondRateLimited = respondWithError(429, 'over_request_rate_limit');

/**
 * Simulates the tabs of a browser without Supabase's client. The class records the requests that the guards send, and returns scripted
 * responses.
 */
class Tabs {
  clock = new FakeClock();
  storage = new FakeStorage();
  sent = [];
  responders = [];
  #serial = 0;

  constructor(locks = new FakeLocks()) {
    this.locks = locks;
    this.storage.setItem(KEY, JSON.stringify(createSession('one')));
  }

  /** Opens a tab with a guard, and stores each new session as the client would. */
  open(options = {}) {
    const random = () => (++this.#serial * 0.137) % 1;
    const environment = { clock: this.clock, storage: this.storage, locks: this.locks, random };
    const guarded = supabaseFetch({ fetch: this.#fetch, environment, ...options });
    return async (token = 'refresh-one', url = URL_OF_REFRESH) => {
      const response = await guarded(url, { method: 'POST', body: JSON.stringify({ refresh_token: token }), headers: {} });
      const body = await response.json();
      if (response.ok) {
        this.storage.setItem(KEY, JSON.stringify(body));
      }

      return { status: response.status, body };
    };
  }

  #fetch = async (url, init) => {
    this.sent.push({ url, init });
    return this.responders.shift()?.(init) ?? createResponse(200, createSession('two'));
  };
}

/** Tracks the outcome of a promise. `value` and `error` are undefined while the promise is pending. */
function track(promise) {
  const watched = {};
  promise.then((value) => { watched.value = value; }, (error) => { watched.error = error; });
  return watched;
}

for (const [name, locks] of [['Web Locks', () => new FakeLocks()], ['a lease', () => null]]) {
  test(`twenty tabs with ${name} share one refresh`, async () => {
    const tabs = new Tabs(locks());
    const call = Array.from({ length: 20 }, () => track(tabs.open()()));
    await tabs.clock.advance(15_000);
    assert.deepEqual(new Set(call.map(({ value }) => value?.body.refresh_token)), new Set(['refresh-two']));
    assert.equal(tabs.sent.length, 1);
  });

  test(`waiting tabs with ${name} share a failure`, async () => {
    const tabs = new Tabs(locks());
    tabs.responders.push(respondWithError(503, 'down'));
    const call = Array.from({ length: 5 }, () => track(tabs.open()()));
    await tabs.clock.advance(10_000);
    assert.deepEqual(call.map(({ value }) => value?.status), [503, 503, 503, 503, 503]);
    assert.equal(tabs.sent.length, 1);
    const last = track(tabs.open()());
    await tabs.clock.advance(1_000);
    assert.equal(last.value.status, 200);
  });

  test(`a hanging tab with ${name} blocks others only temporarily`, async () => {
    const tabs = new Tabs(locks());
    tabs.responders.push(() => NEVER);
    const [first, second] = [track(tabs.open()()), track(tabs.open()())];
    await tabs.clock.advance(14_000);
    assert.equal(tabs.sent.length, 1);
    await tabs.clock.advance(30_000);
    assert.ok(first.error, 'the client hears of a lost connection');
    assert.ok(second.value ?? second.error);
  });
}

test('a lock that is never granted is not awaited forever', async () => {
  const refusing = { request: () => Promise.reject(new DOMException('no', 'SecurityError')) };
  const never = { request: (_, { signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))) };
  for (const locks of [refusing, never]) {
    const tabs = new Tabs(locks);
    const call = track(tabs.open()());
    await tabs.clock.advance(20_000);
    assert.equal(call.value?.status, 200);
  }
});

test('an abandoned or future lease expires', async () => {
  for (const [until, wait] of [[20_000, 21_000], [3_600_000, 1_000]]) {
    const tabs = new Tabs(null);
    tabs.storage.setItem(`session-recovery:lock:refresh:${KEY}`, JSON.stringify({ owner: 'dead', until: tabs.clock.wallNow() + until }));
    const call = track(tabs.open()());
    await tabs.clock.advance(wait);
    assert.equal(call.value?.status, 200);
  }
});

test('the lease is removed after the work', async () => {
  const tabs = new Tabs(null);
  const call = track(tabs.open()());
  await tabs.clock.advance(5_000);
  assert.equal(call.value?.status, 200);
  assert.deepEqual([...tabs.storage.values.keys()], [KEY]);
  assert.equal(tabs.clock.pendingTimers, 0);
});

test('a rate limit pauses refreshes of all tabs', async () => {
  for (const [headers, pause] of [[{}, 2_000], [{ 'Retry-After': '7' }, 7_000], [{ 'Retry-After': '0' }, 2_000]]) {
    const tabs = new Tabs();
    tabs.responders.push(() => createResponse(429, { code: 'over_request_rate_limit' }, headers));
    const send = async (wait) => {
      const call = track(tabs.open()());
      await tabs.clock.advance(wait);
      return call.value?.status;
    };
    assert.equal(await send(200), 503);
    assert.equal(await send(pause - 400), 503);
    assert.equal(tabs.sent.length, 1);
    assert.equal(await send(0), 503);
    await tabs.clock.advance(400);
    assert.equal(await send(200), 200);
  }
});

test('the client receives only final failures as such', async () => {
  const tabs = new Tabs();
  tabs.responders.push(respondRateLimited, () => createResponse(400, { code: 400, error_code: 'user_banned', msg: 'banned' }));
  const first = track(tabs.open()());
  await tabs.clock.advance(5_000);
  assert.equal(first.value.status, 503);
  const second = track(tabs.open()());
  await tabs.clock.advance(5_000);
  assert.deepEqual(second.value, { status: 400, body: { code: 400, error_code: 'user_banned', msg: 'banned' } });
});

test('validation_failed is final after two minutes and the expiry', async () => {
  const tabs = new Tabs();
  const respond = respondWithError(400, 'validation_failed');
  const expiresAt = Math.round(tabs.clock.wallNow() / 1000) + 300;
  tabs.storage.setItem(KEY, JSON.stringify(createSession('one', { expires_at: expiresAt })));
  const refresh = tabs.open();
  const statuses = [];
  for (let minute = 0; minute < 7; minute++) {
    tabs.responders = [respond];
    const call = track(refresh());
    await tabs.clock.advance(60_000);
    statuses.push(call.value?.status);
  }

  // The access token expires after 300 s. The first five responses came before, although Auth repeated the code for more than two minutes.
  assert.deepEqual(statuses, [503, 503, 503, 503, 503, 400, 400]);
});

test('validation_failed for an expired token needs two minutes', async () => {
  const tabs = new Tabs();
  const expiresAt = Math.round(tabs.clock.wallNow() / 1000) - 1;
  tabs.storage.setItem(KEY, JSON.stringify(createSession('one', { expires_at: expiresAt })));
  const refresh = tabs.open();
  const statuses = [];
  for (let attempt = 0; attempt < 4; attempt++) {
    tabs.responders = [respondWithError(400, 'validation_failed')];
    const call = track(refresh());
    await tabs.clock.advance(50_000);
    statuses.push(call.value?.status);
  }

  assert.deepEqual(statuses, [503, 503, 503, 400]);
});

test('validation_failed for an older refresh token is never final', async () => {
  const tabs = new Tabs();
  const expiresAt = Math.round(tabs.clock.wallNow() / 1000) - 1;
  tabs.storage.setItem(KEY, JSON.stringify(createSession('two', { expires_at: expiresAt })));
  const refresh = tabs.open();
  for (let minute = 0; minute < 4; minute++) {
    tabs.responders = [respondWithError(400, 'validation_failed')];
    const call = track(refresh('refresh-of-another-client'));
    await tabs.clock.advance(60_000);
    assert.equal(call.value?.status, 503);
  }
});

test('a refresh never restores a session that ended meanwhile', async () => {
  for (const [replacement, status, token] of [[null, 400, undefined], [createSession('bob'), 200, 'refresh-bob']]) {
    const tabs = new Tabs();
    const gate = createDeferred();
    tabs.responders.push(() => gate.promise);
    const call = track(tabs.open()());
    await settle();
    replacement ? tabs.storage.setItem(KEY, JSON.stringify(replacement)) : tabs.storage.removeItem(KEY);
    gate.resolve(createResponse(200, createSession('two')));
    await settle();
    assert.equal(call.value.status, status);
    assert.equal(call.value.body.refresh_token, token);
  }
});

test('a repeated refresh returns the session that replaced its own', async () => {
  const tabs = new Tabs();
  const guarded = tabs.open();
  tabs.responders.push(respondWithError(500, 'x'));
  const first = track(guarded());
  await tabs.clock.advance(500);
  assert.equal(first.value.status, 503);
  tabs.storage.setItem(KEY, JSON.stringify(createSession('bob')));
  const second = track(guarded());
  await tabs.clock.advance(500);
  assert.equal(second.value.body.refresh_token, 'refresh-bob');
  assert.equal(tabs.sent.length, 1);
});

test('requests other than refreshes of the stored session pass', async () => {
  const tabs = new Tabs();
  const other = await supabaseFetch({
    fetch: async () => createResponse(409, {}), environment: { clock: tabs.clock, storage: null, locks: null },
  })(`${PROJECT}/rest/v1/x`, { method: 'POST' });
  assert.equal(other.status, 409);
  const foreign = track(tabs.open()('refresh-of-a-link'));
  await tabs.clock.advance(500);
  assert.equal(foreign.value.body.refresh_token, 'refresh-two');
  const blocked = track(tabs.open({ storage: new BlockedStorage() })());
  await tabs.clock.advance(5_000);
  assert.equal(blocked.value.body.refresh_token, 'refresh-two');
  assert.equal(tabs.sent.length, 2);
});

test('the guard stores no token', async () => {
  const tabs = new Tabs(null);
  tabs.responders.push(respondRateLimited);
  track(tabs.open()());
  await tabs.clock.advance(30);
  for (const [key, value] of tabs.storage.values) {
    assert.ok(key === KEY || !/access-|refresh-one/.test(value), key);
  }

  await tabs.clock.advance(5_000);
  for (const [key, value] of tabs.storage.values) {
    assert.ok(key === KEY || !/access-|refresh-one/.test(value), key);
  }
});

// --- a client with only documented members ---

/** Simulates a client that exposes only its documented members, as a wrapper or a later major version may do. */
class PlainClient {
  session = createSession('one');
  errors = [];
  calls = [];
  auth = {
    getSession: async () => ({ data: { session: this.session }, error: null }),
    refreshSession: async () => {
      this.calls.push('refreshSession');
      const error = this.errors.shift() ?? null;
      this.session = error ? this.session : createSession('two');
      return { data: { session: this.session }, error };
    },
    signOut: async (options) => {
      this.calls.push(`signOut ${options.scope}`);
      this.session = null;
      return { error: null };
    },
    onAuthStateChange: (callback) => {
      this.emit = callback;
      return { data: { subscription: { unsubscribe: () => this.calls.push('unsubscribe') } } };
    },
  };
}

test('the adapter follows a client with only documented members', async () => {
  const client = new PlainClient();
  const adapter = supabaseAdapter(client);
  assert.deepEqual(await adapter.getAccessToken(), { token: 'access-one', expiresAt: 2e12 });
  client.errors.push({ status: 503 }, { status: 0 }, { status: 429, code: 'over_request_rate_limit' });
  for (const reason of ['http_503', 'network', 'http_429']) {
    assert.deepEqual(await adapter.refresh({ token: 'access-one' }), { outcome: 'unavailable', reason });
  }

  assert.equal((await adapter.refresh({ token: 'access-one' })).outcome, 'refreshed');
  client.errors.push({ status: 400, code: 'user_banned' });
  assert.deepEqual(await adapter.refresh(), { outcome: 'refused', reason: 'user_banned' });
  assert.equal(await adapter.getAccessToken(), null);
  assert.equal(client.calls.at(-1), 'signOut local');
});

test('a session renewed by getSession is not renewed again', async () => {
  const client = new PlainClient();
  const adapter = supabaseAdapter(client);
  const { getSession } = client.auth;
  let call = 0;
  client.auth.getSession = () => {
    client.session = ++call < 2 ? client.session : createSession('two');
    return getSession();
  };
  assert.equal((await adapter.refresh()).outcome, 'refreshed');
  assert.deepEqual(client.calls, []);
});

test('client events are forwarded until the last unsubscription', async () => {
  const client = new PlainClient();
  const adapter = supabaseAdapter(client);
  await adapter.getAccessToken();
  const changes = [];
  const stop = adapter.onChange((change) => changes.push(change.reason));
  client.emit('SIGNED_IN', createSession('one'));
  client.emit('SIGNED_IN', createSession('bob'));
  client.emit('TOKEN_REFRESHED', createSession('two'));
  client.emit('SIGNED_OUT', null);
  client.emit('INITIAL_SESSION', null);
  assert.deepEqual(changes, ['refreshed', 'signed_in', 'refreshed', 'signed_out', undefined]);
  stop();
  assert.deepEqual(client.calls, ['unsubscribe']);
});

test('a failing client never ends the session', async () => {
  const client = new PlainClient();
  const adapter = supabaseAdapter(client);
  client.auth.refreshSession = async () => { throw Object.assign(new Error('x'), { status: 502 }); };
  assert.deepEqual(await adapter.refresh(), { outcome: 'unavailable', reason: 'http_502' });
  client.auth.getSession = async () => ({ data: { session: null }, error: { status: 0 } });
  await assert.rejects(async () => adapter.getAccessToken());
  assert.deepEqual(await adapter.refresh(), { outcome: 'unavailable', reason: 'adapter_failed' });
});
