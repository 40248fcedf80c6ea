import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bearerAdapter, createSession } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';
import { createEnvironment } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery/environment.js';
import { findApplicationUrl, resolveBaseUrl } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery/http.js';
import { settle } from './fake-clock.js';
import {
  ORIGIN, FakeAdapter, Page, createCreditsResponse, createResponse, respondAsProxy, respondUnauthorized, respondWith,
} from './fake-server.js';

const HEALTH = 'GET /session/health';
const GET = 'GET /api/tracks';
const POST = 'POST /api/tracks';
const CREDITS = 'GET /auth/credits';
const WWW = 'https://www.example';
const key = { 'Idempotency-Key': 'k-1' };
const respondOk = () => createResponse({ fine: true });
const dropConnection = () => { throw new TypeError('Failed to fetch'); };

async function openPage({ href, ...options } = {}) {
  const page = new Page();
  const adapter = new FakeAdapter();
  const environment = { ...page.environment, ...(href === undefined ? {} : { href }) };
  const session = await page.open(createSession, { adapter, environment, ...options });
  page.events.length = 0;
  page.server.requests.length = 0;
  page.server.on(GET, respondOk).on(POST, respondOk);
  return { page, session, adapter };
}

/** Replaces a global variable while the action runs. */
async function withGlobal(name, value, action) {
  const before = Object.getOwnPropertyDescriptor(globalThis, name);
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  try {
    return await action();
  } finally {
    if (before) {
      Object.defineProperty(globalThis, name, before);
    } else {
      delete globalThis[name];
    }
  }
}

// --- window.fetch = session.fetch ---

test('session.fetch may replace the page\'s fetch, directly or in a wrapper, early or late', async () => {
  for (const install of [
    (sessionFetch) => sessionFetch,
    (sessionFetch) => (...parameters) => sessionFetch(...parameters),
    (sessionFetch) => async (input, init) => sessionFetch(new Request(new URL(input, ORIGIN), init)),
  ]) {
    const page = new Page();
    const { fetch: ignored, ...environment } = page.environment;
    page.server.on(GET, respondOk).on('GET https://other.example/x', respondOk);
    await withGlobal('fetch', page.server.fetch, async () => {
      const session = createSession({ adapter: new FakeAdapter(), environment });
      globalThis.fetch = install(session.fetch);
      const second = createSession({ adapter: new FakeAdapter(), environment });
      await settle();
      assert.equal((await fetch('/api/tracks')).status, 200);
      assert.equal((await second.fetch('/api/tracks')).status, 200);
      assert.equal((await fetch('https://other.example/x')).status, 200);
      assert.deepEqual(page.server.requestsTo(GET).map(({ headers }) => headers.get('Authorization')), Array(2).fill('Bearer token-1'));
      session.dispose();
      second.dispose();
    });
  }
});

test('a wrapper that was there before its session causes no endless loop', async () => {
  const page = new Page();
  const { fetch: ignored, ...environment } = page.environment;
  let calls = 0;
  let session = null;
  await withGlobal('fetch', (...parameters) => {
    if (++calls > 50) {
      throw new Error('endless');
    }

    return session?.fetch(...parameters) ?? page.server.fetch(...parameters);
  }, async () => {
    session = createSession({ adapter: new FakeAdapter(), environment, baseUrl: 'http://127.0.0.1:9' });
    await session.fetch('http://127.0.0.1:9/x', { method: 'POST' }).catch(() => {});
    session.dispose();
  });
  assert.ok(calls < 10, String(calls));
});

test('an adapter that was created after the replacement refreshes without waiting for itself', async () => {
  const page = new Page();
  const { fetch: ignored, ...environment } = page.environment;
  const tokens = (name) => () => createResponse({ accessToken: `access-${name}`, refreshToken: `refresh-${name}`, expiresIn: 60 });
  page.server.on('POST /login', tokens('one')).on('POST /refresh', tokens('two')).on(GET, respondOk);
  await withGlobal('fetch', page.server.fetch, async () => {
    let adapter = null;
    const session = createSession({
      environment,
      adapter: { getAccessToken: () => adapter?.getAccessToken() ?? null, refresh: (stale) => adapter.refresh(stale), userKey: () => 'u' },
    });
    globalThis.fetch = (...parameters) => session.fetch(...parameters);
    adapter = bearerAdapter({ environment });
    await adapter.signIn('a', 'b');
    await session.triggerRecoveryCheck('sign_in');
    await page.clock.advance(60_000);
    assert.equal((await fetch('/api/tracks')).status, 200);
    assert.equal(page.server.requestsTo(GET)[0].headers.get('Authorization'), 'Bearer access-two');
    session.dispose();
  });
});

// --- addresses ---

test('relative addresses resolve against the page', async () => {
  const { page, session } = await openPage({ href: `${ORIGIN}/studio/list/` });
  for (const [address, path] of [
    ['tracks', '/studio/list/tracks'], ['./tracks', '/studio/list/tracks'], ['../tracks', '/studio/tracks'], ['/tracks', '/tracks'],
    ['?page=2', '/studio/list/'],
  ]) {
    page.server.on(`GET ${path}`, respondOk);
    await session.fetch(address);
    assert.equal(page.server.requests.at(-1).url.pathname, path);
    assert.equal(page.server.requests.at(-1).headers.get('Authorization'), 'Bearer token-1');
  }
});

test('a relative address of another origin\'s page takes no token there', async () => {
  const { page, session } = await openPage({ href: `${WWW}/app/`, baseUrl: ORIGIN });
  page.server.on(`GET ${WWW}/api/tracks`, respondOk).on(`GET ${WWW}/app/tracks`, respondOk);
  for (const address of ['/api/tracks', 'tracks']) {
    await session.fetch(address);
    const { url, headers } = page.server.requests.at(-1);
    assert.equal(url.origin, WWW);
    assert.deepEqual([...headers], []);
  }

  await session.fetch(`${ORIGIN}/api/tracks`);
  assert.equal(page.server.requests.at(-1).headers.get('Authorization'), 'Bearer token-1');
});

test('an address is resolved against the page of the moment', async () => {
  const page = new Page();
  const { href: ignored, ...environment } = page.environment;
  await withGlobal('location', { href: `${ORIGIN}/one/` }, async () => {
    const session = createSession({ adapter: new FakeAdapter(), environment });
    await settle();
    page.server.on('GET /two/tracks', respondOk);
    globalThis.location.href = `${ORIGIN}/two/`;
    assert.equal((await session.fetch('tracks')).status, 200);
    session.dispose();
  });
});

test('blob and data addresses are no requests to the server', async () => {
  const { page, session } = await openPage();
  for (const address of [`blob:${ORIGIN}/0a1b`, 'data:text/plain,x']) {
    const requests = [];
    page.server.requests.push = (request) => requests.push(request);
    await session.fetch(address).catch(() => {});
    assert.deepEqual(requests.map(({ headers }) => headers.get('Authorization')), [null]);
    delete page.server.requests.push;
  }

  await page.clock.advance(60_000);
  assert.equal(session.state, 'ready');
});

test('the module\'s own requests go to the application that served the module', () => {
  const hash = '0123456789abcdef';
  for (const [module, expected] of [
    [`https://studio.example/session/session-recovery/${hash}/http.js`, 'https://studio.example/'],
    [`https://studio.example/studio/session/session-recovery/${hash}/http.js?x=1`, 'https://studio.example/studio/'],
    [`https://studio.example/a/b/session/session-recovery/${hash}/http.js`, 'https://studio.example/a/b/'],
    [`https://studio.example/assets/session-recovery/${hash}/http.js`, 'https://studio.example/'],
    ['https://cdn.example/bundle/session-recovery/http.js', null],
    ['https://cdn.example/app.js', null], ['file:///srv/session/session-recovery/0123456789abcdef/http.js', null], [undefined, null],
  ]) {
    assert.equal(findApplicationUrl(module), expected, module);
  }

  assert.equal(resolveBaseUrl('', 'https://www.example/page', 'https://api.example/studio/').href, 'https://api.example/studio/');
  assert.equal(resolveBaseUrl('', 'https://www.example/a/page', null).href, 'https://www.example/');
  assert.equal(resolveBaseUrl('api/', 'https://www.example/a/page', 'https://api.example/').href, 'https://www.example/a/api/');
});

test('without a server the error names baseUrl; with one a page of any kind works', async () => {
  for (const href of [null, 'about:srcdoc', 'about:blank', 'file:///app/index.html', 'blob:https://studio.example/0a1b']) {
    for (const baseUrl of ['', '/studio/']) {
      const options = { environment: { ...new Page().environment, href }, baseUrl };
      assert.throws(() => createSession(options), { name: 'TypeError', message: /baseUrl/ });
      assert.throws(() => bearerAdapter(options), { name: 'TypeError', message: /baseUrl/ });
    }

    const { page, session } = await openPage({ href, baseUrl: ORIGIN });
    assert.equal((await session.fetch(`${ORIGIN}/api/tracks`)).status, 200, href);
    assert.equal(page.server.requests.at(-1).headers.get('Authorization'), 'Bearer token-1');
  }
});

test('Node without a page gets a clear error, and works with baseUrl', () => {
  const run = (options) => execFileSync(process.execPath, ['--input-type=module', '-e', `
    import { createSession } from '${new URL('../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js', import.meta.url)}';
    try {
      const session = createSession(${options});
      console.log(session.state, session.getServerSnapshot().state);
      session.dispose();
    } catch (error) { console.log(error.name, error.message); }`], { encoding: 'utf8', cwd: fileURLToPath(new URL('.', import.meta.url)) });
  assert.match(run(''), /^TypeError .*baseUrl/);
  assert.match(run("{ baseUrl: 'https://127.0.0.1:9/' }"), /^starting starting/);
});

test('the base of the document counts, as in a srcdoc frame', async () => {
  await withGlobal('document', Object.assign(new EventTarget(), { baseURI: `${ORIGIN}/around/` }), () => {
    assert.equal(createEnvironment({}).href, `${ORIGIN}/around/`);
  });
});

// --- requests ---

test('a Request with a body is repeated when it has a key, and after a 401 without one', async () => {
  for (const [first, headers] of [[dropConnection, key], [respondAsProxy(502), key], [respondUnauthorized, {}]]) {
    const { page, session } = await openPage();
    const bodies = [];
    const read = (respond) => async () => {
      bodies.push(await page.lastRequest.clone().text());
      return respond();
    };
    const { fetch } = page.server;
    page.server.on(POST, read(first), read(respondOk));
    const sent = [];
    const spied = await page.open(createSession, {
      environment: { ...page.environment, fetch: (input, init) => {
        if (input instanceof Request) {
          page.lastRequest = input;
          sent.push(input);
        }

        return fetch(input, init);
      } },
    });
    const request = new Request(`${ORIGIN}/api/tracks`, { method: 'POST', headers, body: 'the body' });
    const call = spied.fetch(request);
    await page.clock.advance(1_000);
    assert.equal((await call).status, 200);
    assert.deepEqual(bodies, ['the body', 'the body']);
    assert.equal(new Set(sent).size, 2);
    session.dispose();
  }
});

test('a Request whose body was read is rejected at once', async () => {
  const { page, session } = await openPage();
  const request = new Request(`${ORIGIN}/api/tracks`, { method: 'POST', headers: key, body: 'x' });
  await request.text();
  await assert.rejects(session.fetch(request), TypeError);
  assert.equal(page.server.requestsTo(POST).length, 0);
  assert.equal(page.server.requestsTo(HEALTH).length, 0);
});

test('a Request as options is sent with all its members', async () => {
  const { page, session } = await openPage();
  await session.fetch('/api/tracks', new Request(`${ORIGIN}/elsewhere`, { method: 'POST', headers: { 'X-Own': '1' }, body: 'x' }));
  assert.equal(page.server.requestsTo(POST)[0].headers.get('X-Own'), '1');
});

/** Creates a `fetch` function that rejects `keepalive` requests with more than 64 KiB, as browsers do. */
const refuseLargeKeepalive = (fetch) => async (input, init) => {
  const request = new Request(input, init);
  const { size } = await request.clone().blob();
  if (request.keepalive && size > 65_536) {
    throw new TypeError('Failed to fetch');
  }

  return fetch(input, init);
};

test('keepalive with more than 64 KiB is sent without it', async () => {
  const large = 'x'.repeat(70_000);
  const form = new FormData();
  form.append('file', new Blob([large]));
  for (const [body, headers] of [
    [large, {}], [new Blob([large]), {}], [new TextEncoder().encode(large), {}], [form, key], [new URLSearchParams({ a: large }), key],
    ['ü'.repeat(40_000), {}],
  ]) {
    for (const asRequest of [false, true]) {
      const page = new Page();
      const environment = { ...page.environment, fetch: refuseLargeKeepalive(page.server.fetch) };
      const session = await page.open(createSession, { environment });
      page.server.on(POST, respondOk);
      const options = { method: 'POST', keepalive: true, headers, body };
      const call = asRequest ? session.fetch(new Request(`${ORIGIN}/api/tracks`, options)) : session.fetch('/api/tracks', options);
      assert.equal((await call).status, 200);
      assert.equal(page.server.requestsTo(POST).length, 1);
      assert.equal(page.server.requestsTo(HEALTH).length, 1);
    }
  }
});

test('a small body keeps keepalive, and loses it when it is repeated', async () => {
  const { page, session } = await openPage();
  page.server.on(POST, dropConnection, respondOk);
  const call = session.fetch('/api/tracks', { method: 'POST', keepalive: true, headers: key, body: 'x' });
  await page.clock.advance(250);
  assert.equal((await call).status, 200);
  assert.deepEqual(page.server.requestsTo(POST).map(({ init }) => init.keepalive), [true, false]);
});

// --- CORS ---

/** Simulates a server whose CORS policy allows only some request headers for a page on another origin. */
const restrict = (fetch, allowed) => async (input, init) => {
  const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : {}));
  const safelisted = ['accept', 'content-type'];
  for (const [name] of headers) {
    if (!safelisted.includes(name) && !allowed.includes(name)) {
      throw new TypeError('Failed to fetch');
    }
  }

  return fetch(input, init);
};

async function openRestricted(allowed, options = {}) {
  const page = new Page();
  const warnings = [];
  const environment = { ...page.environment, href: `${WWW}/`, fetch: restrict(page.server.fetch, allowed) };
  const session = await page.open(createSession, { environment, baseUrl: ORIGIN, ...options });
  page.server.on(GET, respondOk).on(POST, respondOk);
  return { page, session, warnings };
}

async function collectWarnings(action) {
  const warnings = [];
  const { warn } = console;
  console.warn = (...texts) => warnings.push(texts.join(' '));
  try {
    await action();
  } finally {
    console.warn = warn;
  }

  return warnings;
}

test('a policy of named headers keeps no request of the page from the server', async () => {
  const { page, session } = await openRestricted(['authorization']);
  const warnings = await collectWarnings(async () => {
    assert.equal((await session.getCredits()).status, 'known');
    assert.equal((await session.fetch(`${ORIGIN}/api/tracks`)).status, 200);
    page.server.on(CREDITS, () => createCreditsResponse(5, { version: 2 }));
    assert.equal((await session.getCredits()).credits, 5);
    assert.equal((await session.getCredits()).credits, 5);
  });
  assert.equal(warnings.length, 1);
  assert.match(warnings[0], /Credits-Version/);
  assert.doesNotMatch(warnings[0], /token-1|aaaaaaaaaaaa/);
  assert.equal(session.state, 'ready');
  assert.deepEqual(page.states, ['ready']);
  page.server.epoch = 'epoch-2';
  await session.fetch(`${ORIGIN}/api/tracks`);
  await settle();
  assert.deepEqual(await collectWarnings(() => session.getCredits()), [], 'another server is tried again, but warned about once');
});

test('a cookie page\'s repeatable request is sent without Session-Client if need be', async () => {
  const { page, session } = await openRestricted(['idempotency-key'], { adapter: null });
  const warnings = await collectWarnings(async () => {
    assert.equal((await session.fetch(`${ORIGIN}/api/tracks`, { method: 'POST', headers: key })).status, 200);
    assert.equal((await session.fetch(`${ORIGIN}/api/tracks`, { method: 'POST' })).status, 200);
  });
  assert.match(warnings.join(), /Session-Client/);
  assert.equal(page.server.requestsTo(POST).length, 2);
});

test('the token and the page\'s own headers are never left out', async () => {
  const { page, session } = await openRestricted([]);
  const call = session.fetch(`${ORIGIN}/api/tracks`, { headers: { 'Credits-Version': 'own', 'X-Own': '1' } });
  const outcome = call.catch((error) => error);
  await page.clock.advance(60_000);
  assert.ok(await outcome instanceof TypeError);
  assert.equal(page.server.requests.length, 0);
});

test('a lost connection is no forbidden header', async () => {
  const { page, session } = await openPage({ href: `${WWW}/`, baseUrl: ORIGIN });
  await session.getCredits();
  const warnings = await collectWarnings(async () => {
    page.server.down = true;
    const read = session.getCredits();
    await page.clock.advance(2_000);
    page.server.down = false;
    page.server.epoch = 'epoch-2';
    await page.clock.advance(2_000);
    assert.equal((await read).status, 'known');
  });
  assert.deepEqual(warnings, []);
  assert.equal(page.server.requestsTo(CREDITS).at(-1).headers.get('Credits-Version'), 'aaaaaaaaaaaa.1');
});

// --- short-lived tokens ---

for (const seconds of [5, 20, 60, 240]) {
  test(`tokens of ${seconds} s are renewed in time, for every request`, async () => {
    const { page, session, adapter } = await openPage();
    const renew = () => {
      adapter.set(`token-${adapter.refreshes.length + 1}`, 'user-1', page.clock.wallNow() + seconds * 1_000);
      return { outcome: 'refreshed' };
    };
    adapter.onRefresh = renew;
    renew();
    const judge = (respond) => () => (page.clock.wallNow() < adapter.expiresAt ? respond() : respondUnauthorized());
    page.server.on(GET, judge(respondOk)).on(HEALTH, judge(() => createResponse({ status: 'healthy' })));
    let bad = 0;
    for (let count = 0; count < 120; count++) {
      bad += (await session.fetch('/api/tracks')).status === 200 ? 0 : 1;
      await page.clock.advance(5_000);
    }

    assert.equal(bad, 0);
    const expected = Math.ceil(600 / seconds);
    assert.ok(adapter.refreshes.length <= expected && adapter.refreshes.length >= expected - 2, String(adapter.refreshes.length));
    page.server.requests.length = 0;
    page.server.on(HEALTH, () => createResponse({ status: 'unhealthy', checks: [] }));
    await session.triggerRecoveryCheck();
    assert.equal(page.server.requestsTo('POST /session/recover').length, 1, 'a renewal starts no cooldown for a recovery');
  });
}

test('a renewal that failed is repeated after the cooldown only', async () => {
  const { page, session, adapter } = await openPage();
  adapter.set('token-1', 'user-1', page.clock.wallNow());
  adapter.onRefresh = () => ({ outcome: 'unavailable', reason: 'http_503' });
  page.server.on(GET, respondUnauthorized);
  for (let count = 0; count < 29; count++) {
    await session.fetch('/api/tracks');
    await page.clock.advance(1_000);
  }

  assert.equal(adapter.refreshes.length, 1);
  assert.equal(session.state, 'suspect');
});

test('an adapter that renews nothing is not called again and again', async () => {
  const { page, session, adapter } = await openPage();
  adapter.set('token-1', 'user-1', page.clock.wallNow());
  adapter.onRefresh = () => ({ outcome: 'refreshed' });
  for (let count = 0; count < 50; count++) {
    await session.fetch('/api/tracks');
  }

  assert.ok(adapter.refreshes.length <= 2, String(adapter.refreshes.length));
});

// --- the balance ---

test('after a bad read the balance is read again while the session is ready', async () => {
  const stale = () => createCreditsResponse(3, { status: 'stale' });
  for (const bad of [respondWith(500), respondWith(404), () => createResponse('oops'), stale]) {
    const { page, session } = await openPage();
    await session.getCredits();
    page.server.on(CREDITS, bad, bad, () => createCreditsResponse(6, { version: 9 }));
    assert.equal((await session.getCredits()).status, 'stale');
    await page.clock.advance(5_000);
    assert.deepEqual([session.getSnapshot().credits.status, session.getSnapshot().credits.credits], ['known', 6]);
    assert.equal(session.state, 'ready');
    const reads = page.server.requestsTo(CREDITS).length;
    await page.clock.advance(3_600_000);
    assert.equal(page.server.requestsTo(CREDITS).length, reads);
  }
});

test('a balance that cannot be read is read ever more rarely, and not after the session', async () => {
  const { page, session } = await openPage();
  page.server.on(CREDITS, respondWith(500));
  await session.getCredits();
  await page.clock.advance(3_600_000);
  const reads = page.server.requestsTo(CREDITS).length;
  assert.ok(reads > 10 && reads < 40, String(reads));
  session.dispose();
  assert.equal(page.clock.pendingTimers, 0);
});

// --- the state ---

test('a sign-in page before the server is no outage', async () => {
  const opaque = () => Object.defineProperties(new Response(null), { type: { value: 'opaqueredirect' }, status: { value: 0 } });
  for (const [respond, reason] of [
    [() => new Response(null, { status: 302, headers: { Location: 'https://login.example/' } }), 'redirected'],
    [opaque, 'redirected'],
    [respondAsProxy(200), 'html'],
    [() => createResponse('<!doctype html>', { headers: { 'Content-Type': 'text/html; charset=utf-8' } }), 'html'],
  ]) {
    const { page, session } = await openPage();
    page.server.on(HEALTH, respond);
    assert.equal((await session.triggerRecoveryCheck()).status, 'inconclusive');
    assert.deepEqual([session.state, session.getSnapshot().reason], ['suspect', 'sign_in_required']);
    assert.ok(session.isAuthenticated);
    await page.clock.advance(600_000);
    assert.deepEqual(page.getEvents('sign-in-required').map(({ detail }) => detail), [{ reason }]);
    assert.equal(page.getEvents('session-lost').length, 0);
    page.server.on(HEALTH, () => createResponse({ status: 'healthy' }));
    await page.clock.advance(60_000);
    assert.equal(session.state, 'ready');
    page.server.on(HEALTH, respond);
    await session.triggerRecoveryCheck();
    assert.equal(page.getEvents('sign-in-required').length, 2);
  }
});

test('the module follows no redirect', async () => {
  const { page, session } = await openPage();
  page.server.on(HEALTH, () => createResponse({ status: 'unhealthy', checks: [] }));
  await session.triggerRecoveryCheck();
  await session.getCredits();
  await session.signOut();
  const own = page.server.requests.filter(({ url }) => url.pathname !== '/api/tracks');
  assert.deepEqual([...new Set(own.map(({ route }) => route))], [HEALTH, 'POST /session/recover', CREDITS, 'POST /session/end']);
  assert.deepEqual([...new Set(own.map(({ init }) => init.redirect))], ['manual']);
});

test('a redirected balance or recovery leads to the same event', async () => {
  for (const route of [CREDITS, 'POST /session/recover']) {
    const { page, session } = await openPage();
    const redirect = () => new Response(null, { status: 302, headers: { Location: 'https://login.example/', 'Session-Epoch': '' } });
    page.server.epoch = null;
    page.server.on(route, redirect);
    page.server.on(HEALTH, route === CREDITS ? redirect : () => createResponse({ status: 'unhealthy', checks: [] }));
    await (route === CREDITS ? session.getCredits() : session.triggerRecoveryCheck());
    await page.clock.advance(1_000);
    assert.equal(session.state, 'suspect');
    assert.equal(page.getEvents('sign-in-required').length, 1);
  }
});

test('a sign-in page that also answers the adapter is no outage', async () => {
  const { page, session, adapter } = await openPage();
  adapter.set('token-1', 'user-1', page.clock.wallNow());
  adapter.onRefresh = () => ({ outcome: 'unavailable', reason: 'sign_in_required' });
  page.server.proxy = () => new Response(null, { status: 302, headers: { Location: 'https://login.example/' } });
  await session.triggerRecoveryCheck();
  assert.deepEqual([session.state, session.getSnapshot().reason], ['suspect', 'sign_in_required']);
  assert.equal(page.getEvents('sign-in-required').length, 1);
});

test('an HTML page without an epoch in place of a response starts a check', async () => {
  const { page, session } = await openPage();
  page.server.proxy = respondAsProxy(200);
  await session.fetch('/api/tracks');
  await page.clock.advance(1_000);
  assert.equal(page.getEvents('sign-in-required').length, 1);
});

test('a verified user without an id is signed out, with the reason', async () => {
  const { page, session, adapter } = await openPage();
  page.server.on(HEALTH, () => createResponse({ code: 'no_user_id' }, { status: 401 }));
  assert.deepEqual(await session.triggerRecoveryCheck(), { status: 'signed_out', state: 'signed_out' });
  assert.equal(adapter.refreshes.length, 0);
  assert.deepEqual(page.getEvents('session-lost').map(({ detail }) => detail), [{ reason: 'no_user_id' }]);
  assert.equal(session.getSnapshot().reason, 'no_user_id');
  await session.fetch('/api/tracks');
  await session.triggerRecoveryCheck();
  await page.clock.advance(600_000);
  assert.deepEqual(page.states, ['signed_out'], 'the token that the adapter keeps begins no new session');
  page.server.on(HEALTH, () => createResponse({ status: 'healthy' }));
  adapter.change('signed_in', 'token-new');
  await settle();
  assert.equal(session.state, 'ready');
});

test('a cookie page without an id, or with a dead token behind its cookie, is signed out', async () => {
  const unauthorized = (code) => () => createResponse({ code }, { status: 401 });
  for (const [health, recover, reason] of [
    [unauthorized('no_user_id'), null, 'no_user_id'],
    [unauthorized('invalid_token'), null, 'invalid_token'],
    [
      () => createResponse({ status: 'unhealthy', checks: [{ name: 'credits', status: 'unhealthy', reason: 'unauthenticated' }] }),
      () => createResponse({ outcome: 'failed', steps: [{ name: 'reload_credits', succeeded: false, reason: 'unauthenticated' }] }),
      'unauthenticated',
    ],
  ]) {
    const { page, session } = await openPage({ adapter: null });
    page.server.on(HEALTH, health).on('POST /session/recover', recover);
    await session.triggerRecoveryCheck();
    assert.equal(session.state, 'signed_out');
    assert.deepEqual(page.getEvents('session-lost').map(({ detail }) => detail), [{ reason }]);
    assert.equal(session.getSnapshot().reason, reason);
  }
});

test('a session that an adapter lost carries the adapter\'s cause', async () => {
  const { page, session, adapter } = await openPage();
  adapter.set(null);
  adapter.listeners.forEach((listener) => listener({ reason: 'refused', cause: 'user_banned' }));
  await settle();
  assert.deepEqual(page.getEvents('session-lost').map(({ detail }) => detail), [{ reason: 'user_banned' }]);
  assert.equal(session.getSnapshot().reason, 'user_banned');
});

test('the reason of a suspect session is the present one', async () => {
  const { page, session } = await openPage();
  page.server.on(HEALTH, respondWith(500));
  await session.triggerRecoveryCheck();
  assert.equal(session.getSnapshot().reason, 'http_500');
  page.server.on(HEALTH, respondAsProxy(200));
  await session.triggerRecoveryCheck();
  assert.equal(session.getSnapshot().reason, 'sign_in_required');
});

test('getServerSnapshot is bound, constant and without a user', async () => {
  const { session } = await openPage();
  const { getServerSnapshot } = session;
  await session.getCredits();
  assert.equal(getServerSnapshot(), getServerSnapshot());
  assert.ok(Object.isFrozen(getServerSnapshot()));
  const { state, isAuthenticated, credits } = getServerSnapshot();
  assert.deepEqual([state, isAuthenticated, credits.status], ['starting', false, 'unavailable']);
});
