import assert from 'node:assert/strict';
import { test } from 'node:test';
import { supabaseAdapter, supabaseFetch } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';
import { FakeLocks } from './fake-browser.js';
import { PROJECT, answer, refusal } from './fake-gotrue.js';
import { FakeClock, settle } from './fake-clock.js';
import { BlockedStorage, FakeStorage, NEVER, later } from './fake-server.js';

const KEY = 'sb-project-auth-token';
const URL_OF_REFRESH = `${PROJECT}/auth/v1/token?grant_type=refresh_token`;
const session = (name, more = {}) => ({ access_token: `access-${name}`, refresh_token: `refresh-${name}`, expires_in: 3600, expires_at: 2e9, ...more });
const limited = refusal(429, 'over_request_rate_limit');

/** A browser without a client: what its guards send, and what they get. */
class Tabs {
  clock = new FakeClock();
  storage = new FakeStorage();
  sent = [];
  answers = [];
  #serial = 0;

  constructor(locks = new FakeLocks()) {
    this.locks = locks;
    this.storage.setItem(KEY, JSON.stringify(session('one')));
  }

  /** A tab's guard; what its client would save is saved. */
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
    return this.answers.shift()?.(init) ?? answer(200, session('two'));
  };
}

/** `undefined` while it is not settled. */
function outcomeOf(promise) {
  const watched = {};
  promise.then((value) => { watched.value = value; }, (error) => { watched.error = error; });
  return watched;
}

for (const [name, locks] of [['Web Locks', () => new FakeLocks()], ['a lease', () => null]]) {
  test(`with ${name} twenty tabs ask once, and all get the new session`, async () => {
    const tabs = new Tabs(locks());
    const asked = Array.from({ length: 20 }, () => outcomeOf(tabs.open()()));
    await tabs.clock.advance(15_000);
    assert.deepEqual(new Set(asked.map(({ value }) => value?.body.refresh_token)), new Set(['refresh-two']));
    assert.equal(tabs.sent.length, 1);
  });

  test(`with ${name} those who waited share a failure, and a later one asks again`, async () => {
    const tabs = new Tabs(locks());
    tabs.answers.push(refusal(503, 'down'));
    const asked = Array.from({ length: 5 }, () => outcomeOf(tabs.open()()));
    await tabs.clock.advance(10_000);
    assert.deepEqual(asked.map(({ value }) => value?.status), [503, 503, 503, 503, 503]);
    assert.equal(tabs.sent.length, 1);
    const later = outcomeOf(tabs.open()());
    await tabs.clock.advance(1_000);
    assert.equal(later.value.status, 200);
  });

  test(`with ${name} a tab that hangs stops the others for a while and not for good`, async () => {
    const tabs = new Tabs(locks());
    tabs.answers.push(() => NEVER);
    const [first, second] = [outcomeOf(tabs.open()()), outcomeOf(tabs.open()())];
    await tabs.clock.advance(14_000);
    assert.equal(tabs.sent.length, 1);
    await tabs.clock.advance(30_000);
    assert.ok(first.error, 'the client hears of a lost connection');
    assert.ok(second.value ?? second.error);
  });
}

test('a lock that is never given, or not to this page, is not waited for for ever', async () => {
  const refusing = { request: () => Promise.reject(new DOMException('no', 'SecurityError')) };
  const never = { request: (_, { signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))) };
  for (const locks of [refusing, never]) {
    const tabs = new Tabs(locks);
    const asked = outcomeOf(tabs.open()());
    await tabs.clock.advance(20_000);
    assert.equal(asked.value?.status, 200);
  }
});

test('a lease that a dead tab left ends by itself, and one from before the clock was set counts for nothing', async () => {
  for (const [until, wait] of [[20_000, 21_000], [3_600_000, 1_000]]) {
    const tabs = new Tabs(null);
    tabs.storage.setItem(`session-recovery:lock:refresh:${KEY}`, JSON.stringify({ owner: 'dead', until: tabs.clock.wallNow() + until }));
    const asked = outcomeOf(tabs.open()());
    await tabs.clock.advance(wait);
    assert.equal(asked.value?.status, 200);
  }
});

test('no lock outlives its work', async () => {
  const tabs = new Tabs(null);
  const asked = outcomeOf(tabs.open()());
  await tabs.clock.advance(5_000);
  assert.equal(asked.value?.status, 200);
  assert.deepEqual([...tabs.storage.values.keys()], [KEY]);
  assert.equal(tabs.clock.pendingTimers, 0);
});

test('after a rate limit the browser is quiet for two seconds, or for as long as it is told', async () => {
  for (const [headers, quiet] of [[{}, 2_000], [{ 'Retry-After': '7' }, 7_000], [{ 'Retry-After': '0' }, 2_000]]) {
    const tabs = new Tabs();
    tabs.answers.push(() => answer(429, { code: 'over_request_rate_limit' }, headers));
    const ask = async (wait) => {
      const asked = outcomeOf(tabs.open()());
      await tabs.clock.advance(wait);
      return asked.value?.status;
    };
    assert.equal(await ask(200), 503);
    assert.equal(await ask(quiet - 400), 503);
    assert.equal(tabs.sent.length, 1);
    assert.equal(await ask(0), 503);
    await tabs.clock.advance(400);
    assert.equal(await ask(200), 200);
  }
});

test('a client hears of a rate limit as of a failure of the network, and of a final refusal as it was said', async () => {
  const tabs = new Tabs();
  tabs.answers.push(limited, () => answer(400, { code: 400, error_code: 'user_banned', msg: 'banned' }));
  const first = outcomeOf(tabs.open()());
  await tabs.clock.advance(5_000);
  assert.equal(first.value.status, 503);
  const second = outcomeOf(tabs.open()());
  await tabs.clock.advance(5_000);
  assert.deepEqual(second.value, { status: 400, body: { code: 400, error_code: 'user_banned', msg: 'banned' } });
});

test('a session that ended or changed while its refresh was under way is not brought back', async () => {
  for (const [put, status, token] of [[null, 400, undefined], [session('bob'), 200, 'refresh-bob']]) {
    const tabs = new Tabs();
    const gate = later();
    tabs.answers.push(() => gate.promise);
    const asked = outcomeOf(tabs.open()());
    await settle();
    put ? tabs.storage.setItem(KEY, JSON.stringify(put)) : tabs.storage.removeItem(KEY);
    gate.resolve(answer(200, session('two')));
    await settle();
    assert.equal(asked.value.status, status);
    assert.equal(asked.value.body.refresh_token, token);
  }
});

test('a refresh that goes on after its session was replaced does not bring it back either', async () => {
  const tabs = new Tabs();
  const guarded = tabs.open();
  tabs.answers.push(refusal(500, 'x'));
  const first = outcomeOf(guarded());
  await tabs.clock.advance(500);
  assert.equal(first.value.status, 503);
  tabs.storage.setItem(KEY, JSON.stringify(session('bob')));
  const second = outcomeOf(guarded());
  await tabs.clock.advance(500);
  assert.equal(second.value.body.refresh_token, 'refresh-bob');
  assert.equal(tabs.sent.length, 1);
});

test('what is no refresh of the stored session passes: another request, a foreign token, a storage that says nothing', async () => {
  const tabs = new Tabs();
  const other = await supabaseFetch({ fetch: async () => answer(409, {}), environment: { clock: tabs.clock, storage: null, locks: null } })(`${PROJECT}/rest/v1/x`, { method: 'POST' });
  assert.equal(other.status, 409);
  const foreign = outcomeOf(tabs.open()('refresh-of-a-link'));
  await tabs.clock.advance(500);
  assert.equal(foreign.value.body.refresh_token, 'refresh-two');
  const blocked = outcomeOf(tabs.open({ storage: new BlockedStorage() })());
  await tabs.clock.advance(5_000);
  assert.equal(blocked.value.body.refresh_token, 'refresh-two');
  assert.equal(tabs.sent.length, 2);
});

test('no token is written beside the client\'s own', async () => {
  const tabs = new Tabs(null);
  tabs.answers.push(limited);
  outcomeOf(tabs.open()());
  await tabs.clock.advance(30);
  for (const [key, value] of tabs.storage.values) {
    assert.ok(key === KEY || !/access-|refresh-one/.test(value), key);
  }

  await tabs.clock.advance(5_000);
  for (const [key, value] of tabs.storage.values) {
    assert.ok(key === KEY || !/access-|refresh-one/.test(value), key);
  }
});

// --- a client that shows nothing but what is documented ---

/** As a wrapper around the client, or a later major version of it, may be. */
class PlainClient {
  session = session('one');
  errors = [];
  calls = [];
  auth = {
    getSession: async () => ({ data: { session: this.session }, error: null }),
    refreshSession: async () => {
      this.calls.push('refreshSession');
      const error = this.errors.shift() ?? null;
      this.session = error ? this.session : session('two');
      return { data: { session: this.session }, error };
    },
    signOut: async (options) => {
      this.calls.push(`signOut ${options.scope}`);
      this.session = null;
      return { error: null };
    },
    onAuthStateChange: (callback) => {
      this.tell = callback;
      return { data: { subscription: { unsubscribe: () => this.calls.push('unsubscribe') } } };
    },
  };
}

test('a client that shows only its documented members is followed through them', async () => {
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

test('what the client renews while it is asked for its session is not renewed again', async () => {
  const client = new PlainClient();
  const adapter = supabaseAdapter(client);
  const { getSession } = client.auth;
  let asked = 0;
  client.auth.getSession = () => {
    client.session = ++asked < 2 ? client.session : session('two');
    return getSession();
  };
  assert.equal((await adapter.refresh()).outcome, 'refreshed');
  assert.deepEqual(client.calls, []);
});

test('what the client tells is told on, and nothing after the last subscription', async () => {
  const client = new PlainClient();
  const adapter = supabaseAdapter(client);
  await adapter.getAccessToken();
  const told = [];
  const stop = adapter.onChange((change) => told.push(change.reason));
  client.tell('SIGNED_IN', session('one'));
  client.tell('SIGNED_IN', session('bob'));
  client.tell('TOKEN_REFRESHED', session('two'));
  client.tell('SIGNED_OUT', null);
  client.tell('INITIAL_SESSION', null);
  assert.deepEqual(told, ['refreshed', 'signed_in', 'refreshed', 'signed_out', undefined]);
  stop();
  assert.deepEqual(client.calls, ['unsubscribe']);
});

test('a client that throws instead of answering, or cannot say who is signed in, takes the session from nobody', async () => {
  const client = new PlainClient();
  const adapter = supabaseAdapter(client);
  client.auth.refreshSession = async () => { throw Object.assign(new Error('x'), { status: 502 }); };
  assert.deepEqual(await adapter.refresh(), { outcome: 'unavailable', reason: 'http_502' });
  client.auth.getSession = async () => ({ data: { session: null }, error: { status: 0 } });
  await assert.rejects(async () => adapter.getAccessToken());
  assert.deepEqual(await adapter.refresh(), { outcome: 'unavailable', reason: 'adapter_failed' });
});
