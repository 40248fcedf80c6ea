import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { defined, install } from './fake-dom.js';
import { FakeAdapter, Page, createCreditsResponse, createResponse, respondWith } from './fake-server.js';
import { settle } from './fake-clock.js';

install();
const { createSession, CreditBalanceElement } = await import('../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js');
const openSessions = [];
const CREDITS = 'GET /auth/credits';

afterEach(() => openSessions.splice(0).forEach((session) => session.dispose()));

async function openSession(page, options) {
  const session = await page.open(createSession, options);
  openSessions.push(session);
  return session;
}

async function connect(element = new CreditBalanceElement()) {
  element.connectedCallback();
  await settle();
  return element;
}

/** Reads the visible texts, the announcement, and the note for screen readers of an element. */
function readTexts(element) {
  const [value, mark, spoken, note] = element.shadow.children;
  return {
    value: value.textContent, mark: mark.textContent, spoken: spoken.textContent, note: note.textContent,
    stale: element.hasAttribute('stale'),
  };
}

const UNKNOWN = { value: '–', mark: '', spoken: 'Credits: unknown', note: '', stale: false };
const createTexts = (amount) => ({ value: amount, mark: '', spoken: `Credits: ${amount}`, note: '', stale: false });

test('the element is defined as credit-balance', () => {
  assert.equal(defined.get('credit-balance'), CreditBalanceElement);
});

test('the element finds an earlier or later session', async () => {
  const early = await connect();
  assert.deepEqual(readTexts(early), UNKNOWN);
  await openSession(new Page());
  await settle();
  assert.deepEqual(readTexts(early), createTexts('7'));
  assert.deepEqual(readTexts(await connect()), createTexts('7'));
});

test('the element shows the newest session that is not disposed', async () => {
  const element = await connect();
  await openSession(new Page());
  const page = new Page();
  page.server.on(CREDITS, () => createCreditsResponse(8));
  const newest = await openSession(page);
  await settle();
  assert.equal(readTexts(element).value, '8');
  newest.dispose();
  await settle();
  assert.equal(readTexts(element).value, '7');
});

test('the session property overrides the newest session', async () => {
  const page = new Page();
  page.server.on(CREDITS, () => createCreditsResponse(1));
  const chosen = await openSession(page);
  await openSession(new Page());
  const element = await connect();
  assert.equal(readTexts(element).value, '7');
  element.session = chosen;
  await settle();
  assert.equal(readTexts(element).value, '1');
  assert.equal(element.session, chosen);
  element.session = null;
  assert.equal(readTexts(element).value, '7');

  const late = new CreditBalanceElement();
  Object.defineProperty(late, 'session', { value: chosen, configurable: true, writable: true, enumerable: true });
  await connect(late);
  assert.equal(Object.hasOwn(late, 'session'), false);
  assert.equal(readTexts(late).value, '1');
});

test('an unknown balance is a dash, never 0', async () => {
  for (const respond of [
    respondWith(404), respondWith(500), () => createResponse('oops'),
    () => createResponse({ success: false, credits: null, status: 'missing' }),
  ]) {
    const page = new Page();
    page.server.on(CREDITS, respond);
    await openSession(page);
    assert.deepEqual(readTexts(await connect()), UNKNOWN);
  }

  const page = new Page();
  page.server.on(CREDITS, () => createCreditsResponse(0));
  await openSession(page);
  assert.deepEqual(readTexts(await connect()), createTexts('0'));
});

test('a stale balance is marked but not announced', async () => {
  const page = new Page();
  const session = await openSession(page);
  const element = await connect();
  const spoken = element.shadow.children[2];
  const before = spoken.writes;
  page.server.down = true;
  await session.triggerRecoveryCheck();
  assert.deepEqual(readTexts(element), { value: '7', mark: '*', spoken: 'Credits: 7', note: 'last known value', stale: true });
  page.server.down = false;
  await page.clock.advance(1_000);
  assert.deepEqual(readTexts(element), createTexts('7'));
  assert.equal(spoken.writes, before);
});

test('a changed balance is announced once', async () => {
  const page = new Page();
  const session = await openSession(page);
  const element = await connect();
  const spoken = element.shadow.children[2];
  const before = spoken.writes;
  page.server.on(CREDITS, () => createCreditsResponse(6, { version: 2 }));
  await session.refreshCredits();
  await session.refreshCredits();
  assert.equal(spoken.writes, before + 1);
  assert.equal(spoken.textContent, 'Credits: 6');
  assert.deepEqual([spoken.getAttribute('role'), spoken.getAttribute('aria-live')], ['status', 'polite']);
  assert.equal(element.shadow.children[0].getAttribute('aria-hidden'), 'true');
});

test('labels come from attributes and parts can be styled', async () => {
  const element = new CreditBalanceElement();
  element.setAttribute('label', 'Guthaben');
  await connect(element);
  element.setAttribute('unknown-label', 'unbekannt');
  assert.equal(readTexts(element).spoken, 'Guthaben: unbekannt');
  assert.deepEqual(element.shadow.children.map((node) => node.getAttribute('part')), ['value', 'stale', null, null]);
});

test('a sign-out removes the balance', async () => {
  const session = await openSession(new Page());
  const element = await connect();
  await session.signOut();
  assert.deepEqual(readTexts(element), UNKNOWN);
});

test('a sign-in shows the balance without further calls', async () => {
  const page = new Page();
  const adapter = new FakeAdapter(null);
  await openSession(page, { adapter });
  const element = await connect();
  assert.deepEqual(readTexts(element), UNKNOWN);
  adapter.change('signed_in', 'token-of-2', 'user-2');
  await settle();
  assert.deepEqual(readTexts(element), createTexts('7'));
});

test('a removed element stops listening until it is inserted again', async () => {
  const page = new Page();
  const session = await openSession(page);
  const element = await connect();
  element.disconnectedCallback();
  page.server.on(CREDITS, () => createCreditsResponse(6, { version: 2 }));
  await session.refreshCredits();
  assert.equal(readTexts(element).value, '7');
  await connect(element);
  assert.equal(readTexts(element).value, '6');
});
