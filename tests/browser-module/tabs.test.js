import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bearerAdapter, createSession } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';
import { SafeStorage } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery/environment.js';
import { FakeLocks } from './fake-browser.js';
import { settle } from './fake-clock.js';
import {
  NEVER, FakeAdapter, FakeStorage, Page, createDeferred, createResponse, respondUnauthorized, respondWith,
} from './fake-server.js';

const LOGIN = 'POST /login';
const REFRESH = 'POST /refresh';
const HEALTH = 'GET /session/health';
const RECOVER = 'POST /session/recover';
const dropConnection = () => { throw new TypeError('Failed to fetch'); };
const respondInvalidGrant = (status, member = 'error') => () => createResponse({ [member]: 'invalid_grant' }, { status });

/** Simulates the channels of one browser, which are connected like `BroadcastChannel` objects. */
class FakeChannels {
  #open = new Set();
  posted = [];

  create = (name) => {
    const listeners = [];
    const channel = {
      addEventListener: (type, listener) => listeners.push(listener),
      postMessage: (data) => {
        this.posted.push(data);
        [...this.#open]
          .filter((other) => other !== channel && other.name === name)
          .forEach((other) => other.deliver(structuredClone(data)));
      },
      close: () => this.#open.delete(channel),
      deliver: (data) => listeners.forEach((listener) => listener({ data })),
      name,
    };
    this.#open.add(channel);
    return channel;
  };

  get count() {
    return this.#open.size;
  }
}

/** Simulates a server that rotates refresh tokens, and ends the session when an old refresh token is used. */
function rotate(page) {
  let serial = 1;
  const state = { valid: 'refresh-1', isEnded: false };
  const issue = () => createResponse({ accessToken: `access-${serial}`, refreshToken: `refresh-${serial}`, expiresIn: 60 });
  page.server.on(LOGIN, issue).on(REFRESH, ({ body }) => {
    const { refreshToken } = JSON.parse(body);
    state.isEnded ||= refreshToken !== state.valid;
    if (state.isEnded) {
      return respondUnauthorized();
    }

    serial++;
    state.valid = `refresh-${serial}`;
    return state.isAnswerLost ? dropConnection() : issue();
  });
  return state;
}

/** Opens several tabs of one browser in which a user is signed in. */
async function openTabs(count, { locks = new FakeLocks(), ...environment } = {}) {
  const page = new Page();
  const server = rotate(page);
  const channels = new FakeChannels();
  const tabs = Array.from({ length: count }, () => {
    const window = new EventTarget();
    const own = {
      ...page.environment, locks, events: { window, document: null }, createChannel: channels.create, ...environment,
    };
    return { window, adapter: bearerAdapter({ environment: own }), environment: own };
  });
  await tabs[0].adapter.signIn('ann@example.org', 'secret');
  for (const tab of tabs) {
    tab.changes = [];
    tab.adapter.onChange((change) => tab.changes.push(change));
  }

  return { page, server, tabs, channels };
}

for (const [name, locks] of [['Web Locks', () => new FakeLocks()], ['a lease on plain http', () => null]]) {
  test(`several tabs refresh a rotating token once, with ${name}`, async () => {
    const { page, server, tabs } = await openTabs(4, { locks: locks() });
    const refreshes = tabs.flatMap(({ adapter }) => [adapter.refresh({ token: 'access-1' }), adapter.refresh()]);
    await page.clock.advance(5_000);
    assert.deepEqual((await Promise.all(refreshes)).map(({ outcome }) => outcome), Array(8).fill('refreshed'));
    assert.equal(page.server.requestsTo(REFRESH).length, 1);
    assert.equal(server.isEnded, false);
    assert.deepEqual(tabs.map(({ adapter }) => adapter.getAccessToken().token), Array(4).fill('access-2'));
  });

  test(`sessions in several tabs renew an expired token once, with ${name}`, async () => {
    const { page, server, tabs } = await openTabs(3, { locks: locks() });
    page.server.on('GET /a', () => createResponse({}));
    const sessions = tabs.map(({ adapter, environment }) => createSession({ adapter, environment }));
    await page.clock.advance(60_000);
    const responses = sessions.map((session) => session.fetch('/a'));
    await page.clock.advance(5_000);
    assert.deepEqual((await Promise.all(responses)).map(({ status }) => status), [200, 200, 200]);
    assert.equal(page.server.requestsTo(REFRESH).length, 1);
    assert.equal(server.isEnded, false);
    assert.deepEqual(sessions.map(({ state }) => state), ['ready', 'ready', 'ready']);
  });
}

test('an adapter of the page refreshes in one tab at a time, and not for a token that was replaced', async () => {
  const page = new Page();
  const locks = new FakeLocks();
  const shared = new FakeAdapter();
  const answer = createDeferred();
  shared.onRefresh = async () => {
    await answer.promise;
    shared.set('token-2');
    return { outcome: 'refreshed' };
  };
  page.server.on(HEALTH, ({ headers }) =>
    (headers.get('Authorization') === 'Bearer token-2' ? createResponse({ status: 'healthy' }) : respondUnauthorized()));
  const environment = { ...page.environment, locks };
  const { getAccessToken, refresh } = shared;
  const sessions = [1, 2, 3].map(() => createSession({ adapter: { getAccessToken, refresh }, environment }));
  await settle();
  assert.equal(shared.refreshes.length, 1);
  answer.resolve();
  await settle();
  await settle();
  assert.equal(shared.refreshes.length, 1);
  assert.deepEqual(sessions.map(({ state }) => state), ['ready', 'ready', 'ready']);
});

test('a tab that hangs in its refresh does not block the others for good', async () => {
  const { page, tabs } = await openTabs(2);
  page.server.on(REFRESH, () => NEVER, () => createResponse({ accessToken: 'access-9', refreshToken: 'refresh-9' }));
  const first = tabs[0].adapter.refresh();
  const second = tabs[1].adapter.refresh();
  await page.clock.advance(10_000);
  assert.equal((await first).reason, 'network');
  assert.equal((await second).outcome, 'refreshed');
});

test('a sign-out ends a refresh that waits for its turn', async () => {
  const { page, tabs } = await openTabs(2);
  const answer = createDeferred();
  page.server.on(REFRESH, () => answer.promise);
  const first = tabs[0].adapter.refresh();
  const second = tabs[1].adapter.refresh();
  await settle();
  tabs[1].adapter.signOut();
  answer.resolve(createResponse({ accessToken: 'access-9', refreshToken: 'refresh-9' }));
  assert.equal((await first).reason, 'superseded');
  assert.equal((await second).reason, 'superseded');
  assert.equal(tabs[0].adapter.getAccessToken(), null);
  assert.equal(page.server.requestsTo(REFRESH).length, 1);
});

for (const [name, respond] of [
  ['400 with error', respondInvalidGrant(400)],
  ['403 with error', respondInvalidGrant(403)],
  ['400 with code', respondInvalidGrant(400, 'code')],
]) {
  test(`invalid_grant as ${name} is final`, async () => {
    const { page, tabs: [tab] } = await openTabs(1);
    page.server.on(REFRESH, respond);
    const session = createSession({ adapter: tab.adapter, environment: tab.environment });
    const lost = [];
    session.addEventListener('session-lost', ({ detail }) => lost.push(detail));
    await page.clock.advance(60_000);
    await session.triggerRecoveryCheck();
    assert.equal(session.state, 'signed_out');
    assert.deepEqual(lost, [{ reason: 'invalid_grant' }]);
    assert.equal(session.getSnapshot().reason, 'invalid_grant');
    assert.equal(tab.adapter.getAccessToken(), null);
    assert.deepEqual([...page.storage.values.keys()].filter((key) => key.includes('refresh') || key.includes('tokens')), []);
  });
}

test('other answers with 400 and 403 are not final', async () => {
  for (const respond of [respondWith(400), respondWith(403), () => createResponse({ error: 'invalid_client' }, { status: 400 })]) {
    const { page, tabs: [tab] } = await openTabs(1);
    page.server.on(REFRESH, respond);
    assert.equal((await tab.adapter.refresh()).outcome, 'unavailable');
    page.server.on(REFRESH, respondUnauthorized);
    assert.equal((await tab.adapter.refresh()).outcome, 'refused', 'the server had answered, so this refusal is final');
  }
});

for (const [name, lose] of [
  ['the connection broke', async ({ tab }) => tab.adapter.refresh()],
  ['the page was closed', async ({ page, tab }) => {
    const { fetch } = page.server;
    tab.environment.fetch = (input, init) => { void fetch(input, init).catch(() => {}); return NEVER; };
    void bearerAdapter({ environment: tab.environment }).refresh();
    await settle();
    tab.environment.fetch = fetch;

    // A browser releases the lock of a page that is closed.
    tab.environment.locks = new FakeLocks();
  }],
]) {
  test(`a refresh whose answer is lost because ${name} ends the session after two refusals apart`, async () => {
    const { page, server, tabs: [tab] } = await openTabs(1);
    server.isAnswerLost = true;
    await lose({ page, tab });
    assert.equal(server.valid, 'refresh-2');
    server.isAnswerLost = false;
    const adapter = bearerAdapter({ environment: tab.environment });
    assert.deepEqual(await adapter.refresh(), { outcome: 'unavailable', reason: 'refused_after_lost_answer' });
    assert.deepEqual(await adapter.refresh(), { outcome: 'unavailable', reason: 'refused_after_lost_answer' }, 'too soon');
    assert.equal(adapter.getAccessToken().token, 'access-1');
    await page.clock.advance(10_000);
    assert.equal((await adapter.refresh()).outcome, 'refused');
    assert.equal(adapter.getAccessToken(), null);
  });
}

test('a session whose refresh was lost stays suspect until the second refusal', async () => {
  const { page, server, tabs: [tab] } = await openTabs(1);
  const session = createSession({ adapter: tab.adapter, environment: tab.environment });
  await settle();
  const states = [];
  session.addEventListener('state-changed', ({ detail }) => states.push(detail.state));
  await page.clock.advance(60_000);
  server.isAnswerLost = true;
  await session.triggerRecoveryCheck();
  server.isAnswerLost = false;
  await page.clock.advance(1_000);
  assert.equal(session.state, 'suspect');
  assert.ok(session.isAuthenticated);
  await page.clock.advance(40_000);
  assert.equal(session.state, 'signed_out');
  assert.equal(states.filter((state) => state === 'signed_out').length, 1);
});

test('a server with a grace interval answers the repeated refresh, and the session goes on', async () => {
  const { page, tabs: [tab] } = await openTabs(1);
  const refreshed = () => createResponse({ accessToken: 'access-2', refreshToken: 'refresh-2' });
  page.server.on(REFRESH, dropConnection, refreshed, respondUnauthorized);
  await tab.adapter.refresh();
  assert.equal((await tab.adapter.refresh()).outcome, 'refreshed');
  assert.equal((await tab.adapter.refresh()).outcome, 'refused', 'a later refusal is final at once');
});

// --- storage that refuses writes ---

/** Simulates a full storage, in which values can be read and removed but not written. */
class FullStorage extends FakeStorage {
  isFull = false;

  setItem(key, value) {
    if (this.isFull) {
      throw new DOMException('full', 'QuotaExceededError');
    }

    super.setItem(key, value);
  }
}

test('a full storage does not hide what another tab writes or removes', () => {
  const storage = new FullStorage();
  storage.setItem('k', 'old');
  storage.isFull = true;
  const safe = new SafeStorage(storage);
  safe.set('k', 'mine');
  assert.equal(safe.get('k'), 'mine');
  storage.values.set('k', 'of another tab');
  assert.equal(safe.get('k'), 'of another tab');
  safe.set('k', 'mine');
  storage.values.delete('k');
  assert.equal(safe.get('k'), null);
});

test('a storage that refuses to remove a value does not bring it back', () => {
  const storage = new FakeStorage();
  storage.setItem('k', 'old');
  storage.removeItem = () => { throw new Error('blocked'); };
  const safe = new SafeStorage(storage);
  safe.remove('k');
  assert.equal(safe.get('k'), null);
});

test('a sign-out of another tab arrives although the storage refuses writes', async () => {
  const storage = new FullStorage();
  const { page, tabs: [first, second] } = await openTabs(2, { storage });
  const session = createSession({ adapter: first.adapter, environment: first.environment });
  await page.clock.advance(60_000);
  storage.isFull = true;
  await session.triggerRecoveryCheck();
  assert.equal(first.adapter.getAccessToken().token, 'access-2');
  const key = [...storage.values.keys()].find((name) => name.includes('tokens'));
  const stored = storage.getItem(key);
  storage.removeItem(key);
  first.window.dispatchEvent(Object.assign(new Event('storage'), { key, oldValue: stored, newValue: null }));
  await settle();
  assert.equal(first.adapter.getAccessToken(), null);
  assert.equal(session.state, 'signed_out');
  assert.equal(second.adapter.getAccessToken(), null);
});

test('a sign-out reaches the other tabs by a channel where storage events do not', async () => {
  for (const [end, refusal] of [[(adapter) => adapter.signOut(), null], [async ({ refresh }, tab) => tab.adapter.refresh(), 'refused']]) {
    const { page, tabs: [first, second], channels } = await openTabs(2);
    const session = createSession({ adapter: second.adapter, environment: second.environment });
    await settle();
    const lost = [];
    session.addEventListener('session-lost', ({ detail }) => lost.push(detail));
    page.server.on(REFRESH, respondUnauthorized);
    await end(first.adapter, first);
    await settle();
    assert.equal(session.state, 'signed_out');
    assert.deepEqual(lost, refusal === null ? [] : [{ reason: refusal }]);
    assert.equal(channels.posted.length, 1);
    assert.doesNotMatch(JSON.stringify(channels.posted), /access-|refresh-|example\.org/);
  }
});

test('a channel message about another sign-in changes nothing', async () => {
  const { tabs: [first, second], channels } = await openTabs(2);
  const other = channels.create(`session-recovery:tokens:https://studio.example/`);
  for (const data of [{ userKey: 'someone else', refusal: null }, null, 'x', { userKey: 7 }]) {
    other.postMessage(data);
  }

  assert.equal(first.adapter.getAccessToken().token, 'access-1');
  assert.equal(second.adapter.getAccessToken().token, 'access-1');
});

test('the channel is closed with the last listener', async () => {
  const page = new Page();
  const channels = new FakeChannels();
  rotate(page);
  const adapter = bearerAdapter({ environment: { ...page.environment, createChannel: channels.create } });
  const stops = [adapter.onChange(() => {}), adapter.onChange(() => {})];
  assert.equal(channels.count, 1);
  stops.forEach((stop) => stop());
  assert.equal(channels.count, 0);
  await adapter.signIn('a', 'b');
  adapter.signOut();
  assert.equal(channels.count, 0);
});
