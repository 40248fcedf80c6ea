import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSession } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';
import {
  NEVER, FakeAdapter, Page, createCreditsResponse, createDeferred, createResponse, respondPaid, respondUnauthorized, respondWith,
} from './fake-server.js';
import { settle } from './fake-clock.js';

const CREDITS = 'GET /auth/credits';
const POST = 'POST /spend';
const dropConnection = () => { throw new TypeError('Failed to fetch'); };

async function openPage(options = {}) {
  const page = new Page();
  const adapter = new FakeAdapter();
  const session = await page.open(createSession, { adapter, ...options });
  page.server.requests.length = 0;
  const amount = () => session.getSnapshot().credits.credits;
  return { page, session, adapter, amount };
}

test('getCredits returns status, credits, held and time of the server', async () => {
  const { page, session } = await openPage();
  page.server.on(CREDITS, () => createCreditsResponse(5, { version: 2, held: 3 }));
  const result = await session.getCredits();
  assert.deepEqual(result, { status: 'known', credits: 5, held: 3, asOf: '2030-01-01T00:00:00Z' });
  assert.equal(session.getSnapshot().credits, result);
  assert.deepEqual(page.getEvents('credits-changed').map(({ detail }) => detail), [result]);
});

test('getCredits reports stale balances and missing accounts', async () => {
  const { page, session } = await openPage();
  page.server.on(
    CREDITS, () => createCreditsResponse(5, { status: 'stale' }),
    () => createResponse({ success: false, credits: null, status: 'missing' })
  );
  assert.equal((await session.getCredits()).status, 'stale');
  assert.deepEqual(await session.getCredits(), { status: 'missing', credits: null, held: null, asOf: null });
});

for (const [name, respond] of [
  [
    '503', respondWith(503, { 'Session-Epoch': 'epoch-1' }),
  ], ['500', respondWith(500)], ['404', respondWith(404)], ['429', respondWith(429)],
  ['a lost connection', dropConnection], ['silence', () => NEVER],
  ['no JSON', () => createResponse('<html>')], ['an empty body', () => createResponse('')], ['an array', () => createResponse([0])],
  ['null', () => createResponse('null')],
  ['credits that are a text', () => createResponse({ success: true, credits: '7', status: 'known' })],
  ['credits that are null', () => createResponse({ success: true, credits: null, status: 'known' })],
  ['no credits', () => createResponse({ success: true, status: 'known' })],
  ['a fraction', () => createResponse({ credits: 0.5, status: 'known' })],
  ['an inexact number', () => createResponse('{"credits":9007199254740993,"status":"known"}')],
  ['an unknown status', () => createResponse({ credits: 0, status: 'unavailable' })],
]) {
  test(`getCredits never returns 0 after ${name}`, async () => {
    for (const known of [false, true]) {
      const { page, session } = await openPage();
      if (known) {
        await session.getCredits();
      }

      page.server.on(CREDITS, respond);
      const result = session.getCredits();
      await page.clock.advance(40_000);
      const { status, credits: amount } = await result;
      assert.deepEqual([status, amount], known ? ['stale', 7] : ['unavailable', null]);
    }
  });
}

test('getCredits sends no request when signed out', async () => {
  const { page, session } = await openPage();
  await session.signOut();
  page.server.requests.length = 0;
  assert.deepEqual(await session.getCredits(), { status: 'unauthenticated', credits: null, held: null, asOf: null });
  assert.equal(page.server.requests.length, 0);
});

test('a persistent 401 is unauthenticated and makes the balance stale', async () => {
  const { page, session } = await openPage();
  await session.getCredits();
  page.server.on(CREDITS, respondUnauthorized);
  assert.equal((await session.getCredits()).status, 'unauthenticated');
  assert.deepEqual([session.getSnapshot().credits.status, session.getSnapshot().credits.credits], ['stale', 7]);
});

test('a refresh joins only a read that starts after it', async () => {
  const { page, session } = await openPage();
  const deferreds = [createDeferred(), createDeferred(), createDeferred()];
  page.server.on(CREDITS, ...deferreds.map(({ promise }) => () => promise));
  const plain = session.getCredits();
  await settle();
  const joined = session.getCredits();
  const refreshes = [session.refreshCredits(), session.getCredits({ refresh: true }), session.refreshCredits()];
  await settle();
  assert.equal(page.server.requestsTo(CREDITS).length, 1);
  deferreds[0].resolve(createCreditsResponse(1, { version: 1 }));
  assert.equal((await plain).credits, 1);
  assert.equal((await joined).credits, 1);
  await settle();
  assert.equal(page.server.requestsTo(CREDITS).length, 2);
  const last = session.refreshCredits();
  deferreds[1].resolve(createCreditsResponse(2, { version: 2 }));
  assert.deepEqual((await Promise.all(refreshes)).map((result) => result.credits), [2, 2, 2]);
  await settle();
  deferreds[2].resolve(createCreditsResponse(3, { version: 3 }));
  assert.equal((await last).credits, 3);
  assert.deepEqual(page.server.requestsTo(CREDITS).map(({ url }) => url.search), ['', '?refresh=true', '?refresh=true']);
});

test('a paid response updates the balance at once', async () => {
  const { page, session } = await openPage();
  await session.getCredits();
  page.server.on(POST, respondPaid(4, 2));
  await session.fetch('/spend', { method: 'POST' });
  assert.deepEqual(session.getSnapshot().credits, { status: 'known', credits: 4, held: null, asOf: null });
});

for (const [name, headers] of [
  ['a text', { 'Credits-Available': 'many' }], ['nothing', { 'Credits-Version': 'aaaaaaaaaaaa.9' }],
  ['a fraction', { 'Credits-Available': '1.5' }], ['an empty header', { 'Credits-Available': '' }],
  ['a huge number', { 'Credits-Available': '9999999999999999' }],
]) {
  test(`Credits-Available with ${name} is ignored`, async () => {
    const { page, session, amount } = await openPage();
    await session.getCredits();
    page.server.on(POST, () => createResponse({}, { headers }));
    await session.fetch('/spend', { method: 'POST' });
    assert.equal(amount(), 7);
  });
}

test('a late older response returns the newer balance', async () => {
  const { page, session, amount } = await openPage();
  const slow = createDeferred();
  page.server.on(CREDITS, () => slow.promise).on(POST, respondPaid(3, 5));
  const read = session.getCredits();
  await settle();
  await session.fetch('/spend', { method: 'POST' });
  slow.resolve(createCreditsResponse(9, { version: 4 }));
  assert.equal((await read).credits, 3);
  assert.equal(amount(), 3);
});

test('the higher version wins and is compared as a number', async () => {
  const { page, session, amount } = await openPage();
  const early = createDeferred();
  page.server.on(POST, () => early.promise, respondPaid(5, 9), respondPaid(2, '9007199254740993'), respondPaid(1, '9007199254740992'));
  const first = session.fetch('/spend', { method: 'POST' });
  await settle();
  await session.fetch('/spend', { method: 'POST' });
  assert.equal(amount(), 5);
  early.resolve(respondPaid(8, 10)());
  await first;
  assert.equal(amount(), 8);
  await session.fetch('/spend', { method: 'POST' });
  await session.fetch('/spend', { method: 'POST' });
  assert.equal(amount(), 2);
});

for (const [name, older, newer] of [
  ['of another tag', respondPaid(9, 90, 'bbbbbbbbbbbb'), respondPaid(3, 1)],
  [
    'without versions', () => createResponse({}, { headers: { 'Credits-Available': '9' } }),
    () => createResponse({}, { headers: { 'Credits-Available': '3' } }),
  ],
]) {
  test(`the later request wins ${name}`, async () => {
    const { page, session, amount } = await openPage();
    const slow = createDeferred();
    page.server.on(POST, () => slow.promise, newer);
    const first = session.fetch('/spend', { method: 'POST' });
    await settle();
    await session.fetch('/spend', { method: 'POST' });
    slow.resolve(older());
    await first;
    assert.equal(amount(), 3);
  });
}

test('a response for one user never reaches the next user', async () => {
  const { page, session, adapter, amount } = await openPage();
  const deferred = createDeferred();
  page.server.on(POST, () => deferred.promise);
  const spent = session.fetch('/spend', { method: 'POST' });
  await settle();
  adapter.change('signed_in', 'token-of-2', 'user-2');
  await settle();
  deferred.resolve(respondPaid(99, 9)());
  await spent;
  assert.equal(amount(), null);
});

test('the version token is sent unchanged for its user only', async () => {
  const { page, session, adapter } = await openPage();
  page.server.on(POST, respondPaid(4, 12), respondPaid(5, 11));
  await session.getCredits();
  await session.fetch('/spend', { method: 'POST' });
  await session.fetch('/spend', { method: 'POST' });
  await session.getCredits();
  assert.deepEqual(
    page.server.requests.map(({ headers }) => headers.get('Credits-Version')),
    [null, null, null, 'aaaaaaaaaaaa.12'], 'only the address of the balance understands it'
  );
  page.server.requests.length = 0;
  page.server.on(CREDITS, respondWith(404));
  adapter.change('signed_in', 'token-of-2', 'user-2');
  await settle();
  await session.getCredits();
  assert.ok(page.server.requests.every(({ headers }) => headers.get('Credits-Version') === null));
});

test('an invalid version token is dropped once', async () => {
  const { page, session } = await openPage();
  await session.getCredits();
  const unknown = () => createResponse({ code: 'invalid_credits_version' }, { status: 400 });
  page.server.on(CREDITS, unknown, () => createCreditsResponse(6, { version: 1 }));
  assert.equal((await session.getCredits()).credits, 6);
  page.server.on(CREDITS, unknown);
  page.server.requests.length = 0;
  assert.equal((await session.getCredits()).status, 'stale');
  assert.equal(page.server.requests.length, 2);
});

test('a recovery updates the balance', async () => {
  const { page, session, amount } = await openPage();
  page.server.on('GET /session/health', () => createResponse({ status: 'unhealthy' }));
  page.server.on('POST /session/recover', () => createResponse(
    { outcome: 'recovered', steps: [], credits: 11, held: 0, user_id: 'user-1', status: 'known', version: 8, as_of: null },
    { headers: { 'Credits-Version': 'aaaaaaaaaaaa.8' } }));
  await session.triggerRecoveryCheck();
  assert.equal(amount(), 11);
});

test('the balance is stale while offline and known afterwards', async () => {
  const { page, session } = await openPage();
  await session.getCredits();
  page.server.down = true;
  await session.triggerRecoveryCheck();
  assert.deepEqual([session.getSnapshot().credits.status, session.getSnapshot().credits.credits], ['stale', 7]);
  page.server.on(CREDITS, () => createCreditsResponse(6, { version: 2 }));
  page.server.down = false;
  await page.clock.advance(250);
  assert.deepEqual([session.getSnapshot().credits.status, session.getSnapshot().credits.credits], ['known', 6]);
});

test('a page that never uses the balance causes no read', async () => {
  const { page, session } = await openPage();
  page.server.down = true;
  await session.triggerRecoveryCheck();
  page.server.down = false;
  await page.clock.advance(1_000);
  assert.equal(session.state, 'ready');
  assert.equal(page.server.requestsTo(CREDITS).length, 0);
});

// --- stored balance ---

test('the stored balance is stale after a reload', async () => {
  const { page, session } = await openPage();
  await session.getCredits();
  session.dispose();
  page.server.on('GET /session/health', () => NEVER);
  const reloaded = await page.open(createSession);
  assert.deepEqual([reloaded.getSnapshot().credits.status, reloaded.getSnapshot().credits.credits], ['stale', 7]);
  page.server.on(CREDITS, () => createCreditsResponse(99, { version: 0 }));
  const result = await reloaded.getCredits();
  assert.equal(page.server.requestsTo(CREDITS).at(-1).headers.get('Credits-Version'), 'aaaaaaaaaaaa.1');
  assert.equal(result.credits, 7);
});

test('the stored balance is removed when its session ends', async () => {
  for (const end of [
    ({ session }) => session.signOut(), ({ adapter }) => adapter.change('refused', null),
    ({ adapter }) => adapter.change('signed_in', 'token-of-2', 'user-2'),
  ]) {
    const context = await openPage();
    await context.session.getCredits();
    assert.equal(context.page.storage.values.size, 1);
    context.page.server.on(CREDITS, respondWith(404));
    await end(context);
    await settle();
    assert.equal(context.page.storage.values.size, 0);
    assert.equal(context.amount(), null);
  }
});

test('the stored balance belongs to one user and one server', async () => {
  const { page, session } = await openPage();
  await session.getCredits();
  session.dispose();
  for (const options of [
    { adapter: new FakeAdapter('token-of-2', 'user-2') }, { adapter: new FakeAdapter(), baseUrl: 'https://other.example' },
    { adapter: new FakeAdapter(null) }, { adapter: null },
  ]) {
    const other = await page.open(createSession, options);
    assert.equal(other.getSnapshot().credits.credits, null);
  }
});

test('a balance of another user replaces the present one', async () => {
  const { page, session } = await openPage({ adapter: null });
  page.server.on(CREDITS, () => createCreditsResponse(7, { version: 9 }), () => createCreditsResponse(2, { version: 1, userId: 'user-2' }));
  await session.getCredits();
  assert.equal((await session.getCredits()).credits, 2);
});

test('an invalid stored balance is ignored', async () => {
  for (const stored of ['{', 'null', '[]', '{"credits":"7"}', '{"credits":null}', '{"credits":1e99}']) {
    const page = new Page();
    page.storage.setItem('session-recovery:credits:https://studio.example/:user-1', stored);
    const session = await page.open(createSession);
    assert.equal(session.getSnapshot().credits.credits, null, stored);
  }
});

test('the stored balance holds no token and no idempotency key', async () => {
  const { page, session } = await openPage();
  page.server.on(POST, respondPaid(4, 2));
  await session.fetch('/spend', { method: 'POST', headers: { 'Idempotency-Key': 'key-1' } });
  const stored = JSON.stringify([...page.storage.values]);
  assert.match(stored, /"credits\\?":4/);
  assert.doesNotMatch(stored, /token-1|key-1/);
});

// --- the balance of another tab ---

const getCreditsKey = (page) => [...page.storage.values.keys()].find((name) => name.includes('credits'));

/** Stores a balance as another tab of the browser does. */
function storeElsewhere(page, values) {
  const name = getCreditsKey(page);
  const newValue = JSON.stringify({ ...JSON.parse(page.storage.getItem(name)), ...values });
  page.storage.setItem(name, newValue);
  page.window.dispatchEvent(Object.assign(new Event('storage'), { key: name, newValue }));
}

test('a later balance of another tab is shown without a request', async () => {
  const { page, session, amount } = await openPage();
  await session.getCredits();
  page.server.requests.length = 0;
  storeElsewhere(page, { credits: 2, held: 5, versionToken: 'aaaaaaaaaaaa.2' });
  assert.deepEqual(session.getSnapshot().credits, { status: 'known', credits: 2, held: 5, asOf: '2030-01-01T00:00:00Z' });
  storeElsewhere(page, { credits: 7, versionToken: 'aaaaaaaaaaaa.1' });
  assert.equal(amount(), 2, 'an earlier balance changes nothing');
  await settle();
  assert.equal(page.server.requests.length, 0);
  assert.equal(page.getEvents('credits-changed').at(-1).detail.credits, 2);
});

test('a stale balance stays stale when another tab stores a later one', async () => {
  const { page, session } = await openPage();
  await session.getCredits();
  page.server.down = true;
  await session.triggerRecoveryCheck();
  assert.equal(session.getSnapshot().credits.status, 'stale');
  storeElsewhere(page, { credits: 2, versionToken: 'aaaaaaaaaaaa.2' });
  assert.deepEqual([session.getSnapshot().credits.status, session.getSnapshot().credits.credits], ['stale', 2]);
});

test('a balance of another tab without a version is read from the server', async () => {
  const { page, session, amount } = await openPage();
  await session.getCredits();
  page.server.requests.length = 0;
  page.server.on(CREDITS, () => createCreditsResponse(3, { version: 1, tag: 'bbbbbbbbbbbb' }));
  storeElsewhere(page, { credits: 3, versionToken: null });
  await settle();
  assert.equal(amount(), 3);
  storeElsewhere(page, { credits: 3, asOf: '2031-01-01T00:00:00Z', versionToken: null });
  await settle();
  assert.equal(page.server.requestsTo(CREDITS).length, 1, 'an equal balance is not read again');
});

test('the stored balance of another user or a foreign key changes nothing', async () => {
  const { page, session, amount } = await openPage();
  await session.getCredits();
  page.server.requests.length = 0;
  for (const name of [null, 'other', `${getCreditsKey(page)}-2`]) {
    const newValue = JSON.stringify({ credits: 0, held: 0, asOf: null, versionToken: 'aaaaaaaaaaaa.9' });
    page.window.dispatchEvent(Object.assign(new Event('storage'), { key: name, newValue }));
  }

  page.window.dispatchEvent(Object.assign(new Event('storage'), { key: getCreditsKey(page), newValue: null }));
  page.window.dispatchEvent(Object.assign(new Event('storage'), { key: getCreditsKey(page), newValue: '{' }));
  await settle();
  assert.equal(amount(), 7);
  assert.equal(page.server.requests.length, 0);
});
