import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bearerAdapter, createSession } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';
import { NEVER, ORIGIN, BlockedStorage, Page, createDeferred, createResponse, respondUnauthorized, respondWith } from './fake-server.js';
import { settle } from './fake-clock.js';

const LOGIN = 'POST /login';
const REFRESH = 'POST /refresh';
const dropConnection = () => { throw new TypeError('Failed to fetch'); };
let serial = 0;
const createTokensResponse = (name = `t-${++serial}`, expiresIn = 3600) => createResponse({
  tokenType: 'Bearer', accessToken: `access-${name}`, expiresIn, refreshToken: `refresh-${name}`,
});
const getBody = ({ body }) => JSON.parse(body);

/** Opens a page whose user is signed in with the tokens "one". */
async function openSignedIn(options = {}) {
  const page = new Page();
  page.server.on(LOGIN, () => createTokensResponse('one')).on(REFRESH, () => createTokensResponse('two'));
  const adapter = bearerAdapter({ environment: page.environment, ...options });
  assert.deepEqual(await adapter.signIn('ann@example.org', 'secret'), { ok: true });
  const changes = [];
  adapter.onChange(({ reason }) => changes.push(reason));
  return { page, adapter, changes };
}

/** Dispatches the storage event that a browser sends to the other tabs after a write. */
function dispatchStorageEvent(page, key, oldValue, newValue) {
  page.window.dispatchEvent(Object.assign(new Event('storage'), { key, oldValue, newValue }));
}

const getTokensKey = (page) => [...page.storage.values.keys()].find((key) => key.includes('tokens'));

test('signIn sends credentials and dates the expiry from the request', async () => {
  const { page, adapter } = await openSignedIn();
  assert.deepEqual(getBody(page.server.requestsTo(LOGIN)[0]), { email: 'ann@example.org', password: 'secret' });
  assert.deepEqual(adapter.getAccessToken(), { token: 'access-one', expiresAt: page.clock.wallNow() + 3_600_000 });
});

test('signIn returns the server\'s problem and stores nothing on failure', async () => {
  for (const [respond, problem] of [
    [
      () => createResponse({ title: 'Unauthorized', detail: 'LockedOut', status: 401 }, { status: 401 }),
      { title: 'Unauthorized', detail: 'LockedOut', status: 401 },
    ],
    [() => createResponse('<html>', { status: 502 }), { status: 502 }],
    [dropConnection, { status: 0, code: 'unreachable', title: 'The server could not be reached.' }],
  ]) {
    const page = new Page();
    page.server.on(LOGIN, respond);
    const adapter = bearerAdapter({ environment: page.environment });
    assert.deepEqual(await adapter.signIn('ann@example.org', 'wrong'), { ok: false, problem });
    assert.equal(adapter.getAccessToken(), null);
    assert.equal(page.storage.values.size, 0);
  }
});

test('signIn fails when the response holds no usable tokens', async () => {
  for (const body of [
    'oops', {}, { accessToken: 'a' }, { accessToken: '', refreshToken: 'r' }, { accessToken: 'a', refreshToken: '' },
    { accessToken: 'null', refreshToken: 'r' }, { accessToken: 1, refreshToken: 2 },
  ]) {
    const page = new Page();
    page.server.on(LOGIN, () => createResponse(body));
    const adapter = bearerAdapter({ environment: page.environment });
    assert.equal((await adapter.signIn('a', 'b')).problem.code, 'malformed');
    assert.equal(adapter.getAccessToken(), null);
  }
});

test('an invalid lifetime leaves the expiry unknown', async () => {
  for (const expiresIn of ['3600', null, -1, 0]) {
    const page = new Page();
    page.server.on(LOGIN, () => createTokensResponse('x', expiresIn));
    const adapter = bearerAdapter({ environment: page.environment });
    await adapter.signIn('a', 'b');
    assert.equal(adapter.getAccessToken().expiresAt, null);
  }
});

const patient = { budgetMs: Infinity };

test('a patient signIn goes through once the server is back', async () => {
  const page = new Page();
  page.server.on(LOGIN, () => createTokensResponse('one'));
  page.server.down = true;
  const adapter = bearerAdapter({ environment: page.environment });
  const result = adapter.signIn('a', 'b', patient);
  await page.clock.advance(20_000);
  page.server.down = false;
  page.server.proxy = () => createResponse('<html>', { status: 521 });
  await page.clock.advance(5_000);
  page.server.proxy = null;
  const lost = page.server.requestsTo(LOGIN).length;
  assert.ok(lost < 40, `${lost} attempts in 25 s`);
  await page.clock.advance(5_000);
  assert.deepEqual(await result, { ok: true });
  assert.equal(page.server.requestsTo(LOGIN).length, lost + 1);
  assert.equal(adapter.getAccessToken().expiresAt, page.server.requestsTo(LOGIN).at(-1).at + Date.parse('2030-01-01T01:00:00Z'));
});

test('a patient signUp whose response was lost signs in to the account', async () => {
  const page = new Page();
  const taken = () => createResponse({ errors: { DuplicateUserName: ['taken'] } }, { status: 400 });
  page.server.on('POST /register', dropConnection, taken).on(LOGIN, () => createTokensResponse('one'));
  const result = bearerAdapter({ environment: page.environment }).signUp('a', 'b', patient);
  await page.clock.advance(1_000);
  assert.deepEqual(await result, { ok: true });
  const emails = page.server.requests.map((request) => getBody(request).email);
  assert.deepEqual(emails, ['a', 'a', 'a'], 'two registrations and a sign-in of the same account');
});

test('a patient signUp with the address of another account is rejected', async () => {
  const page = new Page();
  const errors = { DuplicateUserName: ['taken'] };
  page.server.on('POST /register', dropConnection, () => createResponse({ errors }, { status: 400 })).on(LOGIN, respondUnauthorized);
  const result = bearerAdapter({ environment: page.environment }).signUp('a', 'b', patient);
  await page.clock.advance(1_000);
  assert.deepEqual((await result).problem.errors, errors);
});

test('a budget, an abort, another sign-in and a sign-out end the repeats', async () => {
  for (const [options, act, code] of [
    [{ budgetMs: 2_000 }, () => {}, 'unreachable'],
    [patient, (adapter, controller) => controller.abort(), 'unreachable'],
    [patient, (adapter) => adapter.signOut(), 'superseded'],
  ]) {
    const page = new Page();
    page.server.down = true;
    const adapter = bearerAdapter({ environment: page.environment });
    const controller = new AbortController();
    const result = adapter.signIn('a', 'b', { signal: controller.signal, ...options });
    await page.clock.advance(1_000);
    act(adapter, controller);
    await page.clock.advance(1_100);
    const { length } = page.server.requests;
    assert.equal((await result).problem.code, code);
    await page.clock.advance(60_000);
    assert.equal(page.server.requests.length, length);
  }
});

test('signIn times out without a response', async () => {
  const page = new Page();
  page.server.on(LOGIN, () => NEVER);
  const result = bearerAdapter({ environment: page.environment }).signIn('a', 'b');
  await page.clock.advance(10_000);
  assert.equal((await result).problem.code, 'unreachable');
});

test('signUp signs in, or returns why it was rejected', async () => {
  const page = new Page();
  const errors = { DuplicateUserName: ['taken'] };
  page.server.on(LOGIN, () => createTokensResponse());
  const rejected = () => createResponse({ errors, status: 400 }, { status: 400 });
  page.server.on('POST /register', () => createResponse('', { status: 200 }), rejected);
  const adapter = bearerAdapter({ environment: page.environment });
  assert.deepEqual(await adapter.signUp('ann@example.org', 'secret'), { ok: true });
  assert.deepEqual((await adapter.signUp('ann@example.org', 'secret')).problem.errors, errors);
  assert.equal(page.server.requestsTo(LOGIN).length, 1);
});

test('signOut supersedes a pending sign-in or registration', async () => {
  for (const [route, act] of [[LOGIN, (adapter) => adapter.signIn('a', 'b')], ['POST /register', (adapter) => adapter.signUp('a', 'b')]]) {
    const page = new Page();
    const deferred = createDeferred();
    page.server.on(LOGIN, () => createTokensResponse()).on(route, () => deferred.promise);
    const adapter = bearerAdapter({ environment: page.environment });
    const result = act(adapter);
    adapter.signOut();
    deferred.resolve(createTokensResponse());
    assert.equal((await result).problem.code, 'superseded');
    assert.equal(adapter.getAccessToken(), null);
  }
});

test('concurrent refreshes share one request and notify listeners once', async () => {
  const { page, adapter, changes } = await openSignedIn();
  const results = await Promise.all([adapter.refresh(), adapter.refresh({ token: 'access-one' }), adapter.refresh()]);
  assert.deepEqual(results.map(({ outcome }) => outcome), ['refreshed', 'refreshed', 'refreshed']);
  assert.deepEqual(page.server.requestsTo(REFRESH).map(getBody), [{ refreshToken: 'refresh-one' }]);
  assert.equal(adapter.getAccessToken().token, 'access-two');
  assert.deepEqual(changes, ['refreshed']);
});

test('userKey is stable per sign-in and holds no e-mail address', async () => {
  const { page, adapter } = await openSignedIn();
  const key = adapter.userKey();
  page.random = 0.25;
  await adapter.refresh();
  assert.equal(bearerAdapter({ environment: page.environment }).userKey(), key);
  await adapter.signIn('bob@example.org', 'secret');
  assert.notEqual(adapter.userKey(), key);
  assert.doesNotMatch(JSON.stringify([...page.storage.values]), /example\.org|secret/);
});

test('a refresh answered with 401 removes the tokens', async () => {
  const { page, adapter, changes } = await openSignedIn();
  page.server.on(REFRESH, respondUnauthorized);
  assert.deepEqual(await adapter.refresh(), { outcome: 'refused', reason: 'refused' });
  assert.equal(adapter.getAccessToken(), null);
  assert.equal(page.storage.values.size, 0);
  assert.deepEqual(changes, ['refused']);
});

for (const [name, respond, reason] of [
  ...[400, 403, 404, 409, 429, 500, 502, 503, 504].map((status) => [String(status), respondWith(status), `http_${status}`]),
  ['a lost connection', dropConnection, 'network'], ['silence', () => NEVER, 'network'],
  ['no JSON', () => createResponse('<html>'), 'malformed'], ['no tokens', () => createResponse({}), 'malformed'],
]) {
  test(`refresh keeps its tokens after ${name}`, async () => {
    const { page, adapter, changes } = await openSignedIn();
    page.server.on(REFRESH, respond);
    const result = adapter.refresh();
    await page.clock.advance(10_000);
    assert.deepEqual(await result, { outcome: 'unavailable', reason });
    assert.equal(adapter.getAccessToken().token, 'access-one');
    assert.deepEqual(changes, []);
  });
}

test('refresh does nothing for a token that was already replaced', async () => {
  const { page, adapter } = await openSignedIn();
  assert.deepEqual(await adapter.refresh({ token: 'access-of-before' }), { outcome: 'refreshed', reason: 'already' });
  assert.equal(page.server.requestsTo(REFRESH).length, 0);
});

test('a refresh token used by another tab is no refusal', async () => {
  const { page, adapter, changes } = await openSignedIn();
  const deferred = createDeferred();
  page.server.on(REFRESH, () => deferred.promise);
  const result = adapter.refresh();
  await settle();
  const stored = JSON.parse(page.storage.getItem(getTokensKey(page)));
  page.storage.setItem(getTokensKey(page), JSON.stringify({ ...stored, accessToken: 'access-tab', refreshToken: 'refresh-tab' }));
  deferred.resolve(respondUnauthorized());
  assert.deepEqual(await result, { outcome: 'refreshed', reason: 'already' });
  assert.equal(adapter.getAccessToken().token, 'access-tab');
  assert.deepEqual(changes, []);
});

test('a sign-out or sign-in during a refresh supersedes its result', async () => {
  for (const late of [createTokensResponse('late'), respondUnauthorized()]) {
    for (const [act, token] of [[(adapter) => adapter.signOut(), undefined], [(adapter) => adapter.signIn('bob', 'b'), 'access-bob']]) {
      const { page, adapter } = await openSignedIn();
      const deferred = createDeferred();
      page.server.on(REFRESH, () => deferred.promise).on(LOGIN, () => createTokensResponse('bob'));
      page.random = 0.75;
      const result = adapter.refresh();
      await settle();
      await act(adapter);
      deferred.resolve(late.clone());
      assert.deepEqual(await result, { outcome: 'unavailable', reason: 'superseded' });
      assert.equal(adapter.getAccessToken()?.token, token);
    }
  }
});

test('listeners receive changes of other tabs until they unsubscribe', async () => {
  const { page, adapter, changes } = await openSignedIn();
  const stop = adapter.onChange(() => {});
  const key = getTokensKey(page);
  const stored = page.storage.getItem(key);
  const other = JSON.stringify({ ...JSON.parse(stored), userKey: 'other' });
  dispatchStorageEvent(page, key, stored, stored);
  dispatchStorageEvent(page, key, stored, other);
  dispatchStorageEvent(page, key, null, stored);
  dispatchStorageEvent(page, key, stored, null);
  dispatchStorageEvent(page, key, stored, '{broken');
  dispatchStorageEvent(page, null, null, null);
  dispatchStorageEvent(page, 'something else', null, stored);
  assert.deepEqual(changes, ['refreshed', 'signed_in', 'signed_in', 'signed_out', 'signed_out', 'signed_out']);
  stop();
});

test('tokens are kept in memory when the storage is unusable', async () => {
  for (const storage of [new BlockedStorage(), null]) {
    const { adapter } = await openSignedIn({ storage });
    assert.equal(adapter.getAccessToken().token, 'access-one');
    assert.equal((await adapter.refresh()).outcome, 'refreshed');
    adapter.signOut();
    assert.equal(adapter.getAccessToken(), null);
  }

  const { page, adapter } = await openSignedIn();
  for (const broken of ['{', '7', '{"accessToken":1,"refreshToken":"x"}']) {
    page.storage.setItem(getTokensKey(page), broken);
    assert.equal(adapter.getAccessToken(), null);
  }
});

test('requests go to the paths below baseUrl', async () => {
  const page = new Page();
  page.server.on('POST https://api.example/base/account/login', () => createTokensResponse('x'));
  const adapter = bearerAdapter({
    baseUrl: 'https://api.example/base/', paths: { login: '/account/login' }, environment: page.environment,
  });
  assert.deepEqual(await adapter.signIn('a', 'b'), { ok: true });
});

// --- with a session ---

test('a session follows sign-in, expiry, refresh and sign-out', async () => {
  const page = new Page();
  page.server.on(LOGIN, () => createTokensResponse('one', 60)).on(REFRESH, () => createTokensResponse('two'));
  page.server.on('GET /a', () => createResponse({}));
  const adapter = bearerAdapter({ environment: page.environment });
  const session = await page.open(createSession, { adapter });
  assert.equal(session.state, 'signed_out');
  await adapter.signIn('ann@example.org', 'secret');
  await settle();
  assert.equal(session.state, 'ready');
  await page.clock.advance(60_000);
  await session.fetch(`${ORIGIN}/a`);
  assert.equal(page.server.requestsTo('GET /a')[0].headers.get('Authorization'), 'Bearer access-two');
  assert.equal(page.server.requestsTo(REFRESH).length, 1);
  await session.signOut();
  assert.equal(adapter.getAccessToken(), null);
  assert.equal(page.storage.values.size, 0);
  assert.equal(page.getEvents('session-lost').length, 0);
});

test('session-lost follows a final refusal but no sign-out', async () => {
  const { page, adapter } = await openSignedIn();
  const session = await page.open(createSession, { adapter });
  page.server.on('GET /session/health', respondUnauthorized).on(REFRESH, respondUnauthorized);
  await session.triggerRecoveryCheck();
  assert.equal(session.state, 'signed_out');
  assert.equal(page.getEvents('session-lost').length, 1);

  const other = await openSignedIn();
  const second = await other.page.open(createSession, { adapter: other.adapter });
  const key = getTokensKey(other.page);
  const stored = other.page.storage.getItem(key);
  other.page.storage.removeItem(key);
  dispatchStorageEvent(other.page, key, stored, null);
  await settle();
  assert.equal(second.state, 'signed_out');
  assert.equal(other.page.getEvents('session-lost').length, 0);
});
