import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bearerAdapter, createSession } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';
import { BlockedStorage, NEVER, ORIGIN, Page, failed, json, later, refused } from './fake-server.js';
import { settle } from './fake-clock.js';

const LOGIN = 'POST /login';
const REFRESH = 'POST /refresh';
const dropped = () => { throw new TypeError('Failed to fetch'); };
let serial = 0;
const tokens = (name = `t-${++serial}`, expiresIn = 3600) => json({ tokenType: 'Bearer', accessToken: `access-${name}`, expiresIn, refreshToken: `refresh-${name}` });
const bodyOf = ({ body }) => JSON.parse(body);

/** A page where somebody is signed in with the tokens "one". */
async function signedIn(options = {}) {
  const page = new Page();
  page.server.on(LOGIN, () => tokens('one')).on(REFRESH, () => tokens('two'));
  const adapter = bearerAdapter({ environment: page.environment, ...options });
  assert.deepEqual(await adapter.signIn('ann@example.org', 'secret'), { ok: true });
  const told = [];
  adapter.onChange(({ reason }) => told.push(reason));
  return { page, adapter, told };
}

/** What a browser does in the other tabs when one writes. */
function tellOtherTabs(page, key, oldValue, newValue) {
  page.window.dispatchEvent(Object.assign(new Event('storage'), { key, oldValue, newValue }));
}

const keyOf = (page) => [...page.storage.values.keys()].find((key) => key.includes('tokens'));

test('a sign-in sends e-mail and password, and the token expires by when the request started', async () => {
  const { page, adapter } = await signedIn();
  assert.deepEqual(bodyOf(page.server.to(LOGIN)[0]), { email: 'ann@example.org', password: 'secret' });
  assert.deepEqual(adapter.getAccessToken(), { token: 'access-one', expiresAt: page.clock.wallNow() + 3_600_000 });
});

test('a sign-in that fails is a value with the server\'s problem, and stores nothing', async () => {
  for (const [answer, problem] of [
    [() => json({ title: 'Unauthorized', detail: 'LockedOut', status: 401 }, { status: 401 }), { title: 'Unauthorized', detail: 'LockedOut', status: 401 }],
    [() => json('<html>', { status: 502 }), { status: 502 }],
    [dropped, { status: 0, code: 'unreachable', title: 'The server could not be reached.' }],
  ]) {
    const page = new Page();
    page.server.on(LOGIN, answer);
    const adapter = bearerAdapter({ environment: page.environment });
    assert.deepEqual(await adapter.signIn('ann@example.org', 'wrong'), { ok: false, problem });
    assert.equal(adapter.getAccessToken(), null);
    assert.equal(page.storage.values.size, 0);
  }
});

test('a sign-in answered with no usable tokens is a failure', async () => {
  for (const body of ['oops', {}, { accessToken: 'a' }, { accessToken: '', refreshToken: 'r' }, { accessToken: 'a', refreshToken: '' }, { accessToken: 'null', refreshToken: 'r' }, { accessToken: 1, refreshToken: 2 }]) {
    const page = new Page();
    page.server.on(LOGIN, () => json(body));
    const adapter = bearerAdapter({ environment: page.environment });
    assert.equal((await adapter.signIn('a', 'b')).problem.code, 'malformed');
    assert.equal(adapter.getAccessToken(), null);
  }
});

test('a lifetime that is none leaves the expiry to the server', async () => {
  for (const expiresIn of ['3600', null, -1, 0]) {
    const page = new Page();
    page.server.on(LOGIN, () => tokens('x', expiresIn));
    const adapter = bearerAdapter({ environment: page.environment });
    await adapter.signIn('a', 'b');
    assert.equal(adapter.getAccessToken().expiresAt, null);
  }
});

test('a sign-in without an answer ends at its time limit', async () => {
  const page = new Page();
  page.server.on(LOGIN, () => NEVER);
  const result = bearerAdapter({ environment: page.environment }).signIn('a', 'b');
  await page.clock.advance(10_000);
  assert.equal((await result).problem.code, 'unreachable');
});

test('registering signs in; a refused registration says why', async () => {
  const page = new Page();
  const errors = { DuplicateUserName: ['taken'] };
  page.server.on(LOGIN, () => tokens()).on('POST /register', () => json('', { status: 200 }), () => json({ errors, status: 400 }, { status: 400 }));
  const adapter = bearerAdapter({ environment: page.environment });
  assert.deepEqual(await adapter.signUp('ann@example.org', 'secret'), { ok: true });
  assert.deepEqual((await adapter.signUp('ann@example.org', 'secret')).problem.errors, errors);
  assert.equal(page.server.to(LOGIN).length, 1);
});

test('a sign-out while a sign-in or a registration waits wins', async () => {
  for (const [route, act] of [[LOGIN, (adapter) => adapter.signIn('a', 'b')], ['POST /register', (adapter) => adapter.signUp('a', 'b')]]) {
    const page = new Page();
    const answer = later();
    page.server.on(LOGIN, () => tokens()).on(route, () => answer.promise);
    const adapter = bearerAdapter({ environment: page.environment });
    const result = act(adapter);
    adapter.signOut();
    answer.resolve(tokens());
    assert.equal((await result).problem.code, 'superseded');
    assert.equal(adapter.getAccessToken(), null);
  }
});

test('a refresh is one request however many ask, and tells the listeners', async () => {
  const { page, adapter, told } = await signedIn();
  const results = await Promise.all([adapter.refresh(), adapter.refresh({ token: 'access-one' }), adapter.refresh()]);
  assert.deepEqual(results.map(({ outcome }) => outcome), ['refreshed', 'refreshed', 'refreshed']);
  assert.deepEqual(page.server.to(REFRESH).map(bodyOf), [{ refreshToken: 'refresh-one' }]);
  assert.equal(adapter.getAccessToken().token, 'access-two');
  assert.deepEqual(told, ['refreshed']);
});

test('the user key stays the same over a refresh and a reload, differs between sign-ins, and is no e-mail', async () => {
  const { page, adapter } = await signedIn();
  const key = adapter.userKey();
  page.random = 0.25;
  await adapter.refresh();
  assert.equal(bearerAdapter({ environment: page.environment }).userKey(), key);
  await adapter.signIn('bob@example.org', 'secret');
  assert.notEqual(adapter.userKey(), key);
  assert.doesNotMatch(JSON.stringify([...page.storage.values]), /example\.org|secret/);
});

test('only a 401 of the refresh is final: it drops the tokens', async () => {
  const { page, adapter, told } = await signedIn();
  page.server.on(REFRESH, refused);
  assert.deepEqual(await adapter.refresh(), { outcome: 'refused', reason: 'refused' });
  assert.equal(adapter.getAccessToken(), null);
  assert.equal(page.storage.values.size, 0);
  assert.deepEqual(told, ['refused']);
});

for (const [name, answer, reason] of [
  ...[400, 403, 404, 409, 429, 500, 502, 503, 504].map((status) => [String(status), failed(status), `http_${status}`]),
  ['a lost connection', dropped, 'network'], ['silence', () => NEVER, 'network'],
  ['no JSON', () => json('<html>'), 'malformed'], ['no tokens', () => json({}), 'malformed'],
]) {
  test(`a refresh answered with ${name} is unavailable, and keeps the tokens`, async () => {
    const { page, adapter, told } = await signedIn();
    page.server.on(REFRESH, answer);
    const result = adapter.refresh();
    await page.clock.advance(10_000);
    assert.deepEqual(await result, { outcome: 'unavailable', reason });
    assert.equal(adapter.getAccessToken().token, 'access-one');
    assert.deepEqual(told, []);
  });
}

test('a token that is another one by now is not refreshed again', async () => {
  const { page, adapter } = await signedIn();
  assert.deepEqual(await adapter.refresh({ token: 'access-of-before' }), { outcome: 'refreshed', reason: 'already' });
  assert.equal(page.server.to(REFRESH).length, 0);
});

test('a refresh token that another tab used up meanwhile is no refusal', async () => {
  const { page, adapter, told } = await signedIn();
  const answer = later();
  page.server.on(REFRESH, () => answer.promise);
  const result = adapter.refresh();
  await settle();
  const kept = JSON.parse(page.storage.getItem(keyOf(page)));
  page.storage.setItem(keyOf(page), JSON.stringify({ ...kept, accessToken: 'access-tab', refreshToken: 'refresh-tab' }));
  answer.resolve(refused());
  assert.deepEqual(await result, { outcome: 'refreshed', reason: 'already' });
  assert.equal(adapter.getAccessToken().token, 'access-tab');
  assert.deepEqual(told, []);
});

test('a sign-out or another user\'s sign-in during a refresh wins, whatever the refresh then says', async () => {
  for (const late of [tokens('late'), refused()]) {
    for (const [act, token] of [[(adapter) => adapter.signOut(), undefined], [(adapter) => adapter.signIn('bob', 'b'), 'access-bob']]) {
      const { page, adapter } = await signedIn();
      const answer = later();
      page.server.on(REFRESH, () => answer.promise).on(LOGIN, () => tokens('bob'));
      page.random = 0.75;
      const result = adapter.refresh();
      await settle();
      await act(adapter);
      answer.resolve(late.clone());
      assert.deepEqual(await result, { outcome: 'unavailable', reason: 'superseded' });
      assert.equal(adapter.getAccessToken()?.token, token);
    }
  }
});

test('what other tabs do is told with its reason, other keys are not, and nobody listens after the last subscription', async () => {
  const { page, adapter, told } = await signedIn();
  const stop = adapter.onChange(() => {});
  const key = keyOf(page);
  const kept = page.storage.getItem(key);
  const other = JSON.stringify({ ...JSON.parse(kept), userKey: 'other' });
  tellOtherTabs(page, key, kept, kept);
  tellOtherTabs(page, key, kept, other);
  tellOtherTabs(page, key, null, kept);
  tellOtherTabs(page, key, kept, null);
  tellOtherTabs(page, key, kept, '{broken');
  tellOtherTabs(page, null, null, null);
  tellOtherTabs(page, 'something else', null, kept);
  assert.deepEqual(told, ['refreshed', 'signed_in', 'signed_in', 'signed_out', 'signed_out', 'signed_out']);
  stop();
});

test('blocked, absent and broken storage: the tokens live in memory, and nothing throws', async () => {
  for (const storage of [new BlockedStorage(), null]) {
    const { adapter } = await signedIn({ storage });
    assert.equal(adapter.getAccessToken().token, 'access-one');
    assert.equal((await adapter.refresh()).outcome, 'refreshed');
    adapter.signOut();
    assert.equal(adapter.getAccessToken(), null);
  }

  const { page, adapter } = await signedIn();
  for (const broken of ['{', '7', '{"accessToken":1,"refreshToken":"x"}']) {
    page.storage.setItem(keyOf(page), broken);
    assert.equal(adapter.getAccessToken(), null);
  }
});

test('the endpoints are those of the server that was named', async () => {
  const page = new Page();
  page.server.on('POST https://api.example/base/account/login', () => tokens('x'));
  const adapter = bearerAdapter({ baseUrl: 'https://api.example/base/', paths: { login: '/account/login' }, environment: page.environment });
  assert.deepEqual(await adapter.signIn('a', 'b'), { ok: true });
});

// --- with a session ---

test('a session follows its adapter: sign-in, expiry, refresh, sign-out', async () => {
  const page = new Page();
  page.server.on(LOGIN, () => tokens('one', 60)).on(REFRESH, () => tokens('two')).on('GET /a', () => json({}));
  const adapter = bearerAdapter({ environment: page.environment });
  const session = await page.open(createSession, { adapter });
  assert.equal(session.state, 'signed_out');
  await adapter.signIn('ann@example.org', 'secret');
  await settle();
  assert.equal(session.state, 'ready');
  await page.clock.advance(60_000);
  await session.fetch(`${ORIGIN}/a`);
  assert.equal(page.server.to('GET /a')[0].headers.get('Authorization'), 'Bearer access-two');
  assert.equal(page.server.to(REFRESH).length, 1);
  await session.signOut();
  assert.equal(adapter.getAccessToken(), null);
  assert.equal(page.storage.values.size, 0);
  assert.equal(page.named('session-lost').length, 0);
});

test('a session that the authority refuses for good is lost, once, and a sign-out in another tab is not', async () => {
  const { page, adapter } = await signedIn();
  const session = await page.open(createSession, { adapter });
  page.server.on('GET /session/health', refused).on(REFRESH, refused);
  await session.triggerRecoveryCheck();
  assert.equal(session.state, 'signed_out');
  assert.equal(page.named('session-lost').length, 1);

  const other = await signedIn();
  const second = await other.page.open(createSession, { adapter: other.adapter });
  const key = keyOf(other.page);
  const kept = other.page.storage.getItem(key);
  other.page.storage.removeItem(key);
  tellOtherTabs(other.page, key, kept, null);
  await settle();
  assert.equal(second.state, 'signed_out');
  assert.equal(other.page.named('session-lost').length, 0);
});
