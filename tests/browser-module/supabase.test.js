import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSession, supabaseAdapter, supabaseFetch } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';
import { FakeBrowser, becomeBrowser, until } from './fake-browser.js';
import { answer, refusal } from './fake-gotrue.js';
import { later } from './fake-server.js';

// The clients look for a browser when they are loaded.
becomeBrowser();
console.error = () => {};
console.warn = () => {};
const { createClient: createNew } = await import('@supabase/supabase-js');
const { createClient: createOld } = await import('supabase-js-2.45');

const EXPIRED = -10;
const FINAL = ['refresh_token_not_found', 'refresh_token_already_used', 'session_not_found', 'session_expired', 'user_banned', 'user_not_found'];
const PASSING = [
  ['409', refusal(409, 'conflict')], ['429', refusal(429, 'over_request_rate_limit')], ['402', refusal(402, 'quota')],
  ['500', refusal(500, 'unexpected_failure')], ['504', refusal(504, 'request_timeout')], ['520', () => answer(520, '<html>')],
  ['540', () => answer(540, {})], ['401 of the gateway', () => answer(401, { message: 'Invalid API key' })],
  ['403 of a firewall', () => answer(403, '<html>')], ['200 without a session', () => answer(200, {})],
  ['200 of a hotel', () => answer(200, '<html>')], ['a 500 that names a final code', refusal(500, 'session_not_found')],
  ['no answer', () => { throw new TypeError('Failed to fetch'); }],
];

/** A browser, which the test's end closes. */
function browserOf(t, options) {
  const browser = new FakeBrowser(options);
  t.after(() => browser.close());
  return browser;
}

/** Runs a claim against both generations of the client: with Web Locks of its own, and without. */
function both(name, claim) {
  for (const [generation, createClient] of [['2.109', createNew], ['2.45', createOld]]) {
    test(`${generation}: ${name}`, (t) => claim(t, createClient));
  }
}

/** A tab as a page makes it: client, adapter, session. */
function openTab(browser, createClient, options) {
  const tab = browser.client(createClient, options);
  tab.adapter = supabaseAdapter(tab.client, { environment: browser.environment });
  return browser.open(tab, tab.adapter, createSession);
}

const isIn = (state) => ({ session }) => session.state === state;

both('a sign-in, a request and a sign-out of the client are the session\'s', async (t, createClient) => {
  const browser = browserOf(t);
  const tab = openTab(browser, createClient);
  await until(() => isIn('signed_out')(tab));
  await tab.client.auth.signInWithPassword({ email: 'ann', password: 'secret' });
  await until(() => isIn('ready')(tab));
  assert.deepEqual(await tab.adapter.getAccessToken(), { token: browser.stored.access_token, expiresAt: browser.stored.expires_at * 1000 });
  await tab.client.auth.signOut();
  await until(() => isIn('signed_out')(tab));
  assert.equal(tab.events.includes('session-lost'), false);
  assert.equal(browser.auth.refreshes, 0);
});

both('a page that comes back with an expired session refreshes once', async (t, createClient) => {
  const browser = browserOf(t);
  browser.store(browser.auth.issue('ann', EXPIRED));
  const tab = openTab(browser, createClient);
  await until(() => isIn('ready')(tab));
  assert.equal(browser.auth.refreshes, 1);
  assert.equal(tab.heard.includes('SIGNED_OUT'), false);
});

both('a token that the server refuses is renewed once', async (t, createClient) => {
  const browser = browserOf(t);
  browser.store(browser.auth.issue('ann', 1800));
  const tab = openTab(browser, createClient);
  await until(() => isIn('ready')(tab));
  browser.refusedTokens.add(browser.stored.access_token);
  const { status } = await tab.session.triggerRecoveryCheck('unauthorized');
  assert.equal(status, 'recovered');
  assert.equal(browser.auth.refreshes, 1);
});

both('what another tab renewed is not renewed again, even if the new token is the same text', async (t, createClient) => {
  const browser = browserOf(t);
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
  both(`twenty tabs with one expired session refresh once ${secure ? 'with Web Locks' : 'on plain http'}`, async (t, createClient) => {
    const browser = browserOf(t, { secure });
    browser.store(browser.auth.issue('ann', EXPIRED));
    const tabs = Array.from({ length: 20 }, () => openTab(browser, createClient));
    await until(() => tabs.every(isIn('ready')), 'all are ready', 20_000);
    assert.equal(browser.auth.refreshes, 1);
    assert.equal(tabs.some(({ heard, events }) => heard.includes('SIGNED_OUT') || events.includes('signed_out')), false);
  });
}

both('twenty tabs whose token is refused at once refresh once', async (t, createClient) => {
  const browser = browserOf(t);
  browser.store(browser.auth.issue('ann', 1800));
  const tabs = Array.from({ length: 20 }, () => openTab(browser, createClient));
  await until(() => tabs.every(isIn('ready')));
  browser.refusedTokens.add(browser.stored.access_token);
  const results = await Promise.all(tabs.map(({ session }) => session.triggerRecoveryCheck('unauthorized')));
  assert.deepEqual(new Set(results.map(({ status }) => status)), new Set(['recovered']));
  assert.equal(browser.auth.refreshes, 1);
});

both('a guard as the client\'s fetch and the adapter\'s own are one', async (t, createClient) => {
  const browser = browserOf(t);
  browser.store(browser.auth.issue('ann', EXPIRED));
  const { storage, storageKey, environment, auth } = browser;
  const guard = supabaseFetch({ fetch: auth.fetch, storage, storageKey, environment });
  const tabs = [guard, (url, init) => guard(url, { ...init })].map((fetch) => openTab(browser, createClient, { fetch }));
  await until(() => tabs.every(isIn('ready')));
  assert.equal(auth.refreshes, 1);
});

both('without an adapter the guard keeps clients to one refresh, and a rate limit from signing out', async (t, createClient) => {
  const browser = browserOf(t);
  browser.store(browser.auth.issue('ann', EXPIRED));
  browser.auth.faults.push(refusal(429, 'over_request_rate_limit'));
  const { storage, storageKey, environment, auth } = browser;
  const tabs = Array.from({ length: 5 }, () => browser.client(createClient, { fetch: supabaseFetch({ fetch: auth.fetch, storage, storageKey, environment }) }));
  await until(() => browser.stored?.expires_at * 1000 > Date.now());
  await until(async () => (await Promise.all(tabs.map(({ client }) => client.auth.getSession()))).every(({ data }) => data.session));
  assert.equal(auth.refreshes, 2);
  assert.equal(tabs.some(({ heard }) => heard.includes('SIGNED_OUT')), false);
});

for (const [state, lifetime] of [['an expired', EXPIRED], ['a refused', 1800]]) {
  for (const code of FINAL) {
    both(`${code} ends ${state} session, and says so once`, async (t, createClient) => {
      const browser = browserOf(t);
      browser.store(browser.auth.issue('ann', lifetime));
      browser.refusedTokens.add(browser.stored.access_token);
      browser.auth.faults.push(...Array(3).fill(refusal(400, code)));
      const tab = openTab(browser, createClient);
      await until(() => isIn('signed_out')(tab) && browser.stored === null);
      assert.equal(await tab.adapter.getAccessToken(), null);
      await until(() => tab.heard.includes('SIGNED_OUT'));
      assert.equal(tab.events.filter((event) => event === 'session-lost').length, 1);
    });
  }
}

both('a user who is banned or signed out elsewhere is signed out in every tab', async (t, createClient) => {
  for (const act of ['ban', 'end']) {
    const browser = browserOf(t);
    browser.store(browser.auth.issue('ann', 1800));
    const tabs = Array.from({ length: 3 }, () => openTab(browser, createClient));
    await until(() => tabs.every(isIn('ready')));
    browser.refusedTokens.add(browser.stored.access_token);
    browser.auth[act]('ann');
    void tabs[0].session.triggerRecoveryCheck('unauthorized');
    await until(() => tabs.every(isIn('signed_out')));
    assert.ok(tabs[0].events.includes('session-lost'));
    assert.equal(browser.auth.refreshes, 1);
  }
});

for (const [name, fault] of PASSING) {
  both(`${name} at a bad moment signs nobody out, and the next try renews`, async (t, createClient) => {
    const browser = browserOf(t);
    browser.store(browser.auth.issue('ann', EXPIRED));
    browser.auth.faults.push(fault);
    const tab = openTab(browser, createClient);
    await until(() => tab.events.includes('suspect') || tab.events.includes('offline'));
    assert.ok(browser.stored, 'the session is kept');
    await until(() => isIn('ready')(tab));
    assert.equal(tab.heard.includes('SIGNED_OUT'), false);
    assert.equal(tab.events.includes('signed_out'), false);
    assert.equal(browser.auth.refreshes, 2);
  });
}

both('an answer that is lost after the commit is asked for again', async (t, createClient) => {
  const browser = browserOf(t);
  browser.store(browser.auth.issue('ann', EXPIRED));
  browser.auth.faults.push((commit) => {
    commit();
    throw new TypeError('Failed to fetch');
  });
  const tab = openTab(browser, createClient);
  await until(() => isIn('ready')(tab));
  assert.equal(browser.auth.refreshes, 2);
});

both('while Auth is down a page with an expired session is offline, and comes back by itself', async (t, createClient) => {
  const browser = browserOf(t);
  browser.auth.down = true;
  browser.store(browser.auth.issue('ann', EXPIRED));
  const tab = openTab(browser, createClient);
  await until(() => isIn('offline')(tab));
  assert.equal(tab.session.isAuthenticated, true);
  browser.auth.down = false;
  await until(() => isIn('ready')(tab));
});

for (const [name, act, wanted] of [
  ['a sign-out of the client', ({ client }) => void client.auth.signOut({ scope: 'local' }), null],
  ['a sign-out of the session', ({ session }) => void session.signOut(), null],
  ['a sign-out in another tab', (_, browser) => browser.storage.removeItem(browser.storageKey), null],
  ['a sign-in of another user', (_, browser) => browser.store(browser.auth.issue('bob')), 'id-of-bob'],
]) {
  both(`${name} during a refresh wins`, async (t, createClient) => {
    const browser = browserOf(t);
    browser.store(browser.auth.issue('ann', 1800));
    const tab = openTab(browser, createClient);
    await until(() => isIn('ready')(tab));
    const gate = later();
    browser.auth.faults.push(async (commit) => {
      await gate.promise;
      return commit();
    });
    const refreshed = tab.adapter.refresh({ token: browser.stored.access_token });
    await until(() => browser.auth.refreshes === 1);
    act(tab, browser);
    gate.resolve();
    assert.notEqual((await refreshed).outcome, 'refused');
    void tab.session.triggerRecoveryCheck();
    await until(() => (wanted === null ? isIn('signed_out')(tab) && browser.stored === null : isIn('ready')(tab)));
    assert.equal(browser.stored?.user.id ?? null, wanted);
    assert.equal(tab.events.includes('session-lost'), false);
  });
}

both('a sign-out without a network ends the session on this device, also after a reload', async (t, createClient) => {
  const browser = browserOf(t);
  browser.store(browser.auth.issue('ann'));
  const tab = openTab(browser, createClient);
  await until(() => isIn('ready')(tab));
  browser.auth.down = true;
  await tab.session.signOut();
  assert.equal(browser.stored, null);
  assert.ok(tab.heard.includes('SIGNED_OUT'));
  assert.equal(isIn('signed_out')(openTab(browser, createClient)) || tab.session.state, 'signed_out');
});

both('a sign-out of the session ends it at Auth too', async (t, createClient) => {
  const browser = browserOf(t);
  browser.store(browser.auth.issue('ann'));
  const { access_token: token } = browser.stored;
  const tab = openTab(browser, createClient);
  await until(() => isIn('ready')(tab));
  await tab.session.signOut();
  assert.equal(browser.auth.accepts(token), false);
});

both('a client that is handed another session is not given the stored one', async (t, createClient) => {
  const browser = browserOf(t);
  browser.store(browser.auth.issue('ann'));
  const tab = openTab(browser, createClient);
  await until(() => isIn('ready')(tab));
  const { access_token, refresh_token } = browser.auth.issue('bob', EXPIRED);
  const { data, error } = await tab.client.auth.setSession({ access_token, refresh_token });
  assert.equal(error, null);
  assert.equal(data.session.user.id, 'id-of-bob');
});
