import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSession } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';
import { FakeAdapter, NEVER, Page, credits, failed, json, later, paid, refused } from './fake-server.js';
import { settle } from './fake-clock.js';

const CREDITS = 'GET /auth/credits';
const POST = 'POST /spend';
const dropped = () => { throw new TypeError('Failed to fetch'); };

async function opened(options = {}) {
  const page = new Page();
  const adapter = new FakeAdapter();
  const session = await page.open(createSession, { adapter, ...options });
  page.server.requests.length = 0;
  const amount = () => session.getSnapshot().credits.credits;
  return { page, session, adapter, amount };
}

test('a reading is the server\'s: status, credits, held and when', async () => {
  const { page, session } = await opened();
  page.server.on(CREDITS, () => credits(5, { version: 2, held: 3 }));
  const reading = await session.getCredits();
  assert.deepEqual(reading, { status: 'known', credits: 5, held: 3, asOf: '2030-01-01T00:00:00Z' });
  assert.equal(session.getSnapshot().credits, reading);
  assert.deepEqual(page.named('credits-changed').map(({ detail }) => detail), [reading]);
});

test('a stale reading says so, and a missing account is no number', async () => {
  const { page, session } = await opened();
  page.server.on(CREDITS, () => credits(5, { status: 'stale' }), () => json({ success: false, credits: null, status: 'missing' }));
  assert.equal((await session.getCredits()).status, 'stale');
  assert.deepEqual(await session.getCredits(), { status: 'missing', credits: null, held: null, asOf: null });
});

for (const [name, answer] of [
  ['503', failed(503, { 'Session-Epoch': 'epoch-1' })], ['500', failed(500)], ['404', failed(404)], ['429', failed(429)],
  ['a lost connection', dropped], ['silence', () => NEVER],
  ['no JSON', () => json('<html>')], ['an empty body', () => json('')], ['an array', () => json([0])], ['null', () => json('null')],
  ['credits that are a text', () => json({ success: true, credits: '7', status: 'known' })],
  ['credits that are null', () => json({ success: true, credits: null, status: 'known' })],
  ['no credits', () => json({ success: true, status: 'known' })],
  ['a fraction', () => json({ credits: 0.5, status: 'known' })],
  ['a number too big to be exact', () => json('{"credits":9007199254740993,"status":"known"}')],
  ['a status of its own', () => json({ credits: 0, status: 'unavailable' })],
]) {
  test(`${name} is unavailable while nothing is known, the last value as stale afterwards, and never a 0`, async () => {
    for (const known of [false, true]) {
      const { page, session } = await opened();
      if (known) {
        await session.getCredits();
      }

      page.server.on(CREDITS, answer);
      const result = session.getCredits();
      await page.clock.advance(40_000);
      const { status, credits: amount } = await result;
      assert.deepEqual([status, amount], known ? ['stale', 7] : ['unavailable', null]);
    }
  });
}

test('signed out, the answer is unauthenticated and no request is made', async () => {
  const { page, session } = await opened();
  await session.signOut();
  page.server.requests.length = 0;
  assert.deepEqual(await session.getCredits(), { status: 'unauthenticated', credits: null, held: null, asOf: null });
  assert.equal(page.server.requests.length, 0);
});

test('a 401 that a recovery does not help is unauthenticated, and the last value is stale', async () => {
  const { page, session } = await opened();
  await session.getCredits();
  page.server.on(CREDITS, refused);
  assert.equal((await session.getCredits()).status, 'unauthenticated');
  assert.deepEqual([session.getSnapshot().credits.status, session.getSnapshot().credits.credits], ['stale', 7]);
});

test('reads are one at a time, and a refresh joins only a read that began after it was asked for', async () => {
  const { page, session } = await opened();
  const answers = [later(), later(), later()];
  page.server.on(CREDITS, ...answers.map(({ promise }) => () => promise));
  const plain = session.getCredits();
  await settle();
  const joined = session.getCredits();
  const refreshes = [session.refreshCredits(), session.getCredits({ refresh: true }), session.refreshCredits()];
  await settle();
  assert.equal(page.server.to(CREDITS).length, 1);
  answers[0].resolve(credits(1, { version: 1 }));
  assert.equal((await plain).credits, 1);
  assert.equal((await joined).credits, 1);
  await settle();
  assert.equal(page.server.to(CREDITS).length, 2);
  const last = session.refreshCredits();
  answers[1].resolve(credits(2, { version: 2 }));
  assert.deepEqual((await Promise.all(refreshes)).map((reading) => reading.credits), [2, 2, 2]);
  await settle();
  answers[2].resolve(credits(3, { version: 3 }));
  assert.equal((await last).credits, 3);
  assert.deepEqual(page.server.to(CREDITS).map(({ url }) => url.search), ['', '?refresh=true', '?refresh=true']);
});

test('a paid response changes the balance at once, and keeps what is held unknown', async () => {
  const { page, session } = await opened();
  await session.getCredits();
  page.server.on(POST, paid(4, 2));
  await session.fetch('/spend', { method: 'POST' });
  assert.deepEqual(session.getSnapshot().credits, { status: 'known', credits: 4, held: null, asOf: null });
});

for (const [name, headers] of [['a text', { 'Credits-Available': 'many' }], ['nothing', { 'Credits-Version': 'aaaaaaaaaaaa.9' }], ['a fraction', { 'Credits-Available': '1.5' }], ['an empty header', { 'Credits-Available': '' }], ['a huge number', { 'Credits-Available': '9999999999999999' }]]) {
  test(`a Credits-Available of ${name} changes nothing`, async () => {
    const { page, session, amount } = await opened();
    await session.getCredits();
    page.server.on(POST, () => json({}, { headers }));
    await session.fetch('/spend', { method: 'POST' });
    assert.equal(amount(), 7);
  });
}

test('an older answer that comes late never overwrites a newer one, and its caller is given the newer one too', async () => {
  const { page, session, amount } = await opened();
  const slow = later();
  page.server.on(CREDITS, () => slow.promise).on(POST, paid(3, 5));
  const read = session.getCredits();
  await settle();
  await session.fetch('/spend', { method: 'POST' });
  slow.resolve(credits(9, { version: 4 }));
  assert.equal((await read).credits, 3);
  assert.equal(amount(), 3);
});

test('of one tag the higher version wins, even when its request started earlier; versions are numbers, not texts', async () => {
  const { page, session, amount } = await opened();
  const early = later();
  page.server.on(POST, () => early.promise, paid(5, 9), paid(2, '9007199254740993'), paid(1, '9007199254740992'));
  const first = session.fetch('/spend', { method: 'POST' });
  await settle();
  await session.fetch('/spend', { method: 'POST' });
  assert.equal(amount(), 5);
  early.resolve(paid(8, 10)());
  await first;
  assert.equal(amount(), 8);
  await session.fetch('/spend', { method: 'POST' });
  await session.fetch('/spend', { method: 'POST' });
  assert.equal(amount(), 2);
});

for (const [name, older, newer] of [
  ['of another tag', paid(9, 90, 'bbbbbbbbbbbb'), paid(3, 1)],
  ['without versions', () => json({}, { headers: { 'Credits-Available': '9' } }), () => json({}, { headers: { 'Credits-Available': '3' } })],
]) {
  test(`${name}, the request that started later wins`, async () => {
    const { page, session, amount } = await opened();
    const slow = later();
    page.server.on(POST, () => slow.promise, newer);
    const first = session.fetch('/spend', { method: 'POST' });
    await settle();
    await session.fetch('/spend', { method: 'POST' });
    slow.resolve(older());
    await first;
    assert.equal(amount(), 3);
  });
}

test('what one user paid is not shown to the next', async () => {
  const { page, session, adapter, amount } = await opened();
  const answer = later();
  page.server.on(POST, () => answer.promise);
  const spent = session.fetch('/spend', { method: 'POST' });
  await settle();
  adapter.change('signed_in', 'token-of-2', 'user-2');
  await settle();
  answer.resolve(paid(99, 9)());
  await spent;
  assert.equal(amount(), null);
});

test('the floor is sent with every request as the server gave it, rises, and is another user\'s never', async () => {
  const { page, session, adapter } = await opened();
  page.server.on(POST, paid(4, 12), paid(5, 11));
  await session.getCredits();
  await session.fetch('/spend', { method: 'POST' });
  await session.fetch('/spend', { method: 'POST' });
  await session.getCredits();
  assert.deepEqual(page.server.requests.map(({ headers }) => headers.get('Credits-Version')), [null, 'aaaaaaaaaaaa.1', 'aaaaaaaaaaaa.12', 'aaaaaaaaaaaa.12']);
  page.server.requests.length = 0;
  page.server.on(CREDITS, failed(404));
  adapter.change('signed_in', 'token-of-2', 'user-2');
  await settle();
  await session.getCredits();
  assert.ok(page.server.requests.every(({ headers }) => headers.get('Credits-Version') === null));
});

test('a floor that the server no longer understands is dropped, once', async () => {
  const { page, session } = await opened();
  await session.getCredits();
  const unknown = () => json({ code: 'invalid_credits_version' }, { status: 400 });
  page.server.on(CREDITS, unknown, () => credits(6, { version: 1 }));
  assert.equal((await session.getCredits()).credits, 6);
  page.server.on(CREDITS, unknown);
  page.server.requests.length = 0;
  assert.equal((await session.getCredits()).status, 'stale');
  assert.equal(page.server.requests.length, 2);
});

test('a recovery brings the balance with it', async () => {
  const { page, session, amount } = await opened();
  page.server.on('GET /session/health', () => json({ status: 'unhealthy' }));
  page.server.on('POST /session/recover', () => json(
    { outcome: 'recovered', steps: [], credits: 11, held: 0, user_id: 'user-1', status: 'known', version: 8, as_of: null },
    { headers: { 'Credits-Version': 'aaaaaaaaaaaa.8' } }));
  await session.triggerRecoveryCheck();
  assert.equal(amount(), 11);
});

test('a lost server makes the balance stale, and its return makes it known again without the page doing anything', async () => {
  const { page, session } = await opened();
  await session.getCredits();
  page.server.down = true;
  await session.triggerRecoveryCheck();
  assert.deepEqual([session.getSnapshot().credits.status, session.getSnapshot().credits.credits], ['stale', 7]);
  page.server.on(CREDITS, () => credits(6, { version: 2 }));
  page.server.down = false;
  await page.clock.advance(250);
  assert.deepEqual([session.getSnapshot().credits.status, session.getSnapshot().credits.credits], ['known', 6]);
});

test('a page that never asked for a balance causes no read', async () => {
  const { page, session } = await opened();
  page.server.down = true;
  await session.triggerRecoveryCheck();
  page.server.down = false;
  await page.clock.advance(1_000);
  assert.equal(session.state, 'ready');
  assert.equal(page.server.to(CREDITS).length, 0);
});

// --- over a reload ---

test('after a reload the last value is shown at once, as stale, and its floor is kept', async () => {
  const { page, session } = await opened();
  await session.getCredits();
  session.dispose();
  page.server.on('GET /session/health', () => NEVER);
  const reloaded = await page.open(createSession);
  assert.deepEqual([reloaded.getSnapshot().credits.status, reloaded.getSnapshot().credits.credits], ['stale', 7]);
  page.server.on(CREDITS, () => credits(99, { version: 0 }));
  const reading = await reloaded.getCredits();
  assert.equal(page.server.to(CREDITS).at(-1).headers.get('Credits-Version'), 'aaaaaaaaaaaa.1');
  assert.equal(reading.credits, 7);
});

test('a sign-out erases the kept value, as does a refusal and another user\'s sign-in', async () => {
  for (const end of [({ session }) => session.signOut(), ({ adapter }) => adapter.change('refused', null), ({ adapter }) => adapter.change('signed_in', 'token-of-2', 'user-2')]) {
    const context = await opened();
    await context.session.getCredits();
    assert.equal(context.page.storage.values.size, 1);
    context.page.server.on(CREDITS, failed(404));
    await end(context);
    await settle();
    assert.equal(context.page.storage.values.size, 0);
    assert.equal(context.amount(), null);
  }
});

test('another user\'s kept value is never shown, nor that of another server', async () => {
  const { page, session } = await opened();
  await session.getCredits();
  session.dispose();
  for (const options of [{ adapter: new FakeAdapter('token-of-2', 'user-2') }, { adapter: new FakeAdapter(), baseUrl: 'https://other.example' }, { adapter: new FakeAdapter(null) }, { adapter: null }]) {
    const other = await page.open(createSession, options);
    assert.equal(other.getSnapshot().credits.credits, null);
  }
});

test('an answer about another user than the last one replaces it, whatever its version', async () => {
  const { page, session } = await opened({ adapter: null });
  page.server.on(CREDITS, () => credits(7, { version: 9 }), () => credits(2, { version: 1, userId: 'user-2' }));
  await session.getCredits();
  assert.equal((await session.getCredits()).credits, 2);
});

test('kept values that are broken are ignored', async () => {
  for (const kept of ['{', 'null', '[]', '{"credits":"7"}', '{"credits":null}', '{"credits":1e99}']) {
    const page = new Page();
    page.storage.setItem('session-recovery:credits:https://studio.example/:user-1', kept);
    const session = await page.open(createSession);
    assert.equal(session.getSnapshot().credits.credits, null, kept);
  }
});

test('nothing kept is a secret: neither token nor idempotency key', async () => {
  const { page, session } = await opened();
  page.server.on(POST, paid(4, 2));
  await session.fetch('/spend', { method: 'POST', headers: { 'Idempotency-Key': 'key-1' } });
  const kept = JSON.stringify([...page.storage.values]);
  assert.match(kept, /"credits\\?":4/);
  assert.doesNotMatch(kept, /token-1|key-1/);
});
