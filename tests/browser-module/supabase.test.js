import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSession, supabaseAdapter, supabaseFetch } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';
import { FakeBrowser, installBrowserGlobals, waitUntil } from './fake-browser.js';
import { respondWithError, createResponse } from './fake-gotrue.js';
import { createDeferred } from './fake-server.js';

// The globals are installed before the import, because the clients detect a browser when they are loaded.
installBrowserGlobals();
console.error = () => {};
console.warn = () => {};
const { createClient: createNew } = await import('@supabase/supabase-js');
const { createClient: createOld } = await import('supabase-js-2.45');

const EXPIRED = -10;
const FINAL = [
  'refresh_token_not_found', 'refresh_token_already_used', 'session_not_found', 'session_expired', 'user_banned', 'user_not_found',
];
const TRANSIENT = [
  ['409', respondWithError(409, 'conflict')], [
    '429', respondWithError(429, 'over_request_rate_limit'),
  ], ['402', respondWithError(402, 'quota')],
  [
    '500', respondWithError(500, 'unexpected_failure'),
  ], ['504', respondWithError(504, 'request_timeout')], ['520', () => createResponse(520, '<html>')],
  ['540', () => createResponse(540, {})], ['401 of the gateway', () => createResponse(401, { message: 'Invalid API key' })],
  ['403 of a firewall', () => createResponse(403, '<html>')], ['200 without a session', () => createResponse(200, {})],
  ['200 of a hotel', () => createResponse(200, '<html>')], ['a 500 that names a final code', respondWithError(500, 'session_not_found')],
  ['no response', () => { throw new TypeError('Failed to fetch'); }],
];

/** Opens a simulated browser, which is closed after the test. */
function openBrowser(t, options) {
  const browser = new FakeBrowser(options);
  t.after(() => browser.close());
  return browser;
}

/** Runs a test with both generations of the client. One generation uses Web Locks itself, and the other does not. */
function testBothClients(name, run) {
  for (const [generation, createClient] of [['2.109', createNew], ['2.45', createOld]]) {
    test(`${generation}: ${name}`, (t) => run(t, createClient));
  }
}

/** Opens a tab with a client, an adapter and a session, as a page does. */
function openTab(browser, createClient, options) {
  const tab = browser.client(createClient, options);
  tab.adapter = supabaseAdapter(tab.client, { environment: browser.environment });
  return browser.open(tab, tab.adapter, createSession);
}

const hasState = (state) => ({ session }) => session.state === state;

testBothClients('the session follows the client\'s sign-in and sign-out', async (t, createClient) => {
  const browser = openBrowser(t);
  const tab = openTab(browser, createClient);
  await waitUntil(() => hasState('signed_out')(tab));
  await tab.client.auth.signInWithPassword({ email: 'ann', password: 'secret' });
  await waitUntil(() => hasState('ready')(tab));
  assert.deepEqual(await tab.adapter.getAccessToken(), { token: browser.stored.access_token, expiresAt: browser.stored.expires_at * 1000 });
  await tab.client.auth.signOut();
  await waitUntil(() => hasState('signed_out')(tab));
  assert.equal(tab.events.includes('session-lost'), false);
  assert.equal(browser.auth.refreshes, 0);
});

testBothClients('an expired session is refreshed once', async (t, createClient) => {
  const browser = openBrowser(t);
  browser.store(browser.auth.issue('ann', EXPIRED));
  const tab = openTab(browser, createClient);
  await waitUntil(() => hasState('ready')(tab));
  assert.equal(browser.auth.refreshes, 1);
  assert.equal(tab.clientEvents.includes('SIGNED_OUT'), false);
});

testBothClients('a rejected token is renewed once', async (t, createClient) => {
  const browser = openBrowser(t);
  browser.store(browser.auth.issue('ann', 1800));
  const tab = openTab(browser, createClient);
  await waitUntil(() => hasState('ready')(tab));
  browser.refusedTokens.add(browser.stored.access_token);
  const { status } = await tab.session.triggerRecoveryCheck('unauthorized');
  assert.equal(status, 'recovered');
  assert.equal(browser.auth.refreshes, 1);
});

testBothClients('a session from another tab is not renewed again', async (t, createClient) => {
  const browser = openBrowser(t);
  const before = browser.auth.issue('ann');
  browser.store(before);
  const tab = browser.client(createClient);
  const adapter = supabaseAdapter(tab.client, { environment: browser.environment });
  const { token } = await adapter.getAccessToken();
  browser.store({ ...before, refresh_token: 'of-another-tab' });
  assert.deepEqual(await adapter.refresh({ token }), { outcome: 'refreshed', reason: 'already' });
  assert.deepEqual(await adapter.refresh({ token: 'an.older.one' }), { outcome: 'refreshed', reason: 'already' });
  assert.equal(browser.auth.refreshes, 0);
});

for (const secure of [true, false]) {
  testBothClients(`twenty expired tabs refresh once ${secure ? 'with Web Locks' : 'on plain http'}`, async (t, createClient) => {
    const browser = openBrowser(t, { secure });
    browser.store(browser.auth.issue('ann', EXPIRED));
    const tabs = Array.from({ length: 20 }, () => openTab(browser, createClient));
    await waitUntil(() => tabs.every(hasState('ready')), 'all are ready', 20_000);
    assert.equal(browser.auth.refreshes, 1);
    assert.equal(tabs.some(({ clientEvents, events }) => clientEvents.includes('SIGNED_OUT') || events.includes('signed_out')), false);
  });
}

testBothClients('twenty tabs with one rejected token refresh once', async (t, createClient) => {
  const browser = openBrowser(t);
  browser.store(browser.auth.issue('ann', 1800));
  const tabs = Array.from({ length: 20 }, () => openTab(browser, createClient));
  await waitUntil(() => tabs.every(hasState('ready')));
  browser.refusedTokens.add(browser.stored.access_token);
  const results = await Promise.all(tabs.map(({ session }) => session.triggerRecoveryCheck('unauthorized')));
  assert.deepEqual(new Set(results.map(({ status }) => status)), new Set(['recovered']));
  assert.equal(browser.auth.refreshes, 1);
});

testBothClients('supabaseFetch and supabaseAdapter guard a client together', async (t, createClient) => {
  const browser = openBrowser(t);
  browser.store(browser.auth.issue('ann', EXPIRED));
  const { storage, storageKey, environment, auth } = browser;
  const guard = supabaseFetch({ fetch: auth.fetch, storage, storageKey, environment });
  const tabs = [guard, (url, init) => guard(url, { ...init })].map((fetch) => openTab(browser, createClient, { fetch }));
  await waitUntil(() => tabs.every(hasState('ready')));
  assert.equal(auth.refreshes, 1);
});

testBothClients('supabaseFetch alone survives a rate limit', async (t, createClient) => {
  const browser = openBrowser(t);
  browser.store(browser.auth.issue('ann', EXPIRED));
  browser.auth.faults.push(respondWithError(429, 'over_request_rate_limit'));
  const { storage, storageKey, environment, auth } = browser;
  const tabs = Array.from(
    { length: 5 },
    () => browser.client(createClient, { fetch: supabaseFetch({ fetch: auth.fetch, storage, storageKey, environment }) })
  );
  await waitUntil(() => browser.stored?.expires_at * 1000 > Date.now());
  await waitUntil(async () => (await Promise.all(tabs.map(({ client }) => client.auth.getSession()))).every(({ data }) => data.session));
  assert.equal(auth.refreshes, 2);
  assert.equal(tabs.some(({ clientEvents }) => clientEvents.includes('SIGNED_OUT')), false);
});

for (const [state, lifetime] of [['an expired', EXPIRED], ['a refused', 1800]]) {
  for (const code of FINAL) {
    testBothClients(`${code} ends ${state} session once`, async (t, createClient) => {
      const browser = openBrowser(t);
      browser.store(browser.auth.issue('ann', lifetime));
      browser.refusedTokens.add(browser.stored.access_token);
      browser.auth.faults.push(...Array(3).fill(respondWithError(400, code)));
      const tab = openTab(browser, createClient);
      await waitUntil(() => hasState('signed_out')(tab) && browser.stored === null);
      assert.equal(await tab.adapter.getAccessToken(), null);
      await waitUntil(() => tab.clientEvents.includes('SIGNED_OUT'));
      assert.equal(tab.events.filter((event) => event === 'session-lost').length, 1);
    });
  }
}

testBothClients('a banned user is signed out in every tab', async (t, createClient) => {
  for (const act of ['ban', 'end']) {
    const browser = openBrowser(t);
    browser.store(browser.auth.issue('ann', 1800));
    const tabs = Array.from({ length: 3 }, () => openTab(browser, createClient));
    await waitUntil(() => tabs.every(hasState('ready')));
    browser.refusedTokens.add(browser.stored.access_token);
    browser.auth[act]('ann');
    void tabs[0].session.triggerRecoveryCheck('unauthorized');
    await waitUntil(() => tabs.every(hasState('signed_out')));
    assert.ok(tabs[0].events.includes('session-lost'));
    assert.equal(browser.auth.refreshes, 1);
  }
});

for (const [name, fault] of TRANSIENT) {
  testBothClients(`${name} is transient`, async (t, createClient) => {
    const browser = openBrowser(t);
    browser.store(browser.auth.issue('ann', EXPIRED));
    browser.auth.faults.push(fault);
    const tab = openTab(browser, createClient);
    await waitUntil(() => tab.events.includes('suspect') || tab.events.includes('offline'));
    assert.ok(browser.stored, 'the session is still stored');
    await waitUntil(() => hasState('ready')(tab));
    assert.equal(tab.clientEvents.includes('SIGNED_OUT'), false);
    assert.equal(tab.events.includes('signed_out'), false);
    assert.equal(browser.auth.refreshes, 2);
  });
}

testBothClients('a response lost after the commit is requested again', async (t, createClient) => {
  const browser = openBrowser(t);
  browser.store(browser.auth.issue('ann', EXPIRED));
  browser.auth.faults.push((commit) => {
    commit();
    throw new TypeError('Failed to fetch');
  });
  const tab = openTab(browser, createClient);
  await waitUntil(() => hasState('ready')(tab));
  assert.equal(browser.auth.refreshes, 2);
});

testBothClients('an expired session is offline while Auth is down', async (t, createClient) => {
  const browser = openBrowser(t);
  browser.auth.down = true;
  browser.store(browser.auth.issue('ann', EXPIRED));
  const tab = openTab(browser, createClient);
  await waitUntil(() => hasState('offline')(tab));
  assert.equal(tab.session.isAuthenticated, true);
  browser.auth.down = false;
  await waitUntil(() => hasState('ready')(tab));
});

for (const [name, act, wanted] of [
  ['a sign-out of the client', ({ client }) => void client.auth.signOut({ scope: 'local' }), null],
  ['a sign-out of the session', ({ session }) => void session.signOut(), null],
  ['a sign-out in another tab', (_, browser) => browser.storage.removeItem(browser.storageKey), null],
  ['a sign-in of another user', (_, browser) => browser.store(browser.auth.issue('bob')), 'id-of-bob'],
]) {
  testBothClients(`${name} supersedes a refresh`, async (t, createClient) => {
    const browser = openBrowser(t);
    browser.store(browser.auth.issue('ann', 1800));
    const tab = openTab(browser, createClient);
    await waitUntil(() => hasState('ready')(tab));
    const gate = createDeferred();
    browser.auth.faults.push(async (commit) => {
      await gate.promise;
      return commit();
    });
    const refreshed = tab.adapter.refresh({ token: browser.stored.access_token });
    await waitUntil(() => browser.auth.refreshes === 1);
    act(tab, browser);
    gate.resolve();
    assert.notEqual((await refreshed).outcome, 'refused');
    void tab.session.triggerRecoveryCheck();
    await waitUntil(() => (wanted === null ? hasState('signed_out')(tab) && browser.stored === null : hasState('ready')(tab)));
    assert.equal(browser.stored?.user.id ?? null, wanted);
    assert.equal(tab.events.includes('session-lost'), false);
  });
}

testBothClients('signOut without a network survives a reload', async (t, createClient) => {
  const browser = openBrowser(t);
  browser.store(browser.auth.issue('ann'));
  const tab = openTab(browser, createClient);
  await waitUntil(() => hasState('ready')(tab));
  browser.auth.down = true;
  await tab.session.signOut();
  assert.equal(browser.stored, null);
  assert.ok(tab.clientEvents.includes('SIGNED_OUT'));
  assert.equal(hasState('signed_out')(openTab(browser, createClient)) || tab.session.state, 'signed_out');
});

testBothClients('signOut ends the session at Auth', async (t, createClient) => {
  const browser = openBrowser(t);
  browser.store(browser.auth.issue('ann'));
  const { access_token: token } = browser.stored;
  const tab = openTab(browser, createClient);
  await waitUntil(() => hasState('ready')(tab));
  await tab.session.signOut();
  assert.equal(browser.auth.accepts(token), false);
});

testBothClients('setSession is not answered with the stored session', async (t, createClient) => {
  const browser = openBrowser(t);
  browser.store(browser.auth.issue('ann'));
  const tab = openTab(browser, createClient);
  await waitUntil(() => hasState('ready')(tab));
  const { access_token, refresh_token } = browser.auth.issue('bob', EXPIRED);
  const { data, error } = await tab.client.auth.setSession({ access_token, refresh_token });
  assert.equal(error, null);
  assert.equal(data.session.user.id, 'id-of-bob');
});
