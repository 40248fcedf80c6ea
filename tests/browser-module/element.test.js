import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { defined, install } from './fake-dom.js';
import { FakeAdapter, Page, credits, failed, json } from './fake-server.js';
import { settle } from './fake-clock.js';

install();
const { createSession, CreditBalanceElement } = await import('../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js');
const opened = [];
const CREDITS = 'GET /auth/credits';

afterEach(() => opened.splice(0).forEach((session) => session.dispose()));

async function openOn(page, options) {
  const session = await page.open(createSession, options);
  opened.push(session);
  return session;
}

async function connect(element = new CreditBalanceElement()) {
  element.connectedCallback();
  await settle();
  return element;
}

/** What is seen, what is announced, and what can be read beside it. */
function shown(element) {
  const [value, mark, spoken, note] = element.shadow.children;
  return { value: value.textContent, mark: mark.textContent, spoken: spoken.textContent, note: note.textContent, stale: element.hasAttribute('stale') };
}

const UNKNOWN = { value: '–', mark: '', spoken: 'Credits: unknown', note: '', stale: false };
const known = (amount) => ({ value: amount, mark: '', spoken: `Credits: ${amount}`, note: '', stale: false });

test('the element is defined under its name', () => {
  assert.equal(defined.get('credit-balance'), CreditBalanceElement);
});

test('it finds the session whether that was created before or after it, and reads the balance by itself', async () => {
  const early = await connect();
  assert.deepEqual(shown(early), UNKNOWN);
  await openOn(new Page());
  await settle();
  assert.deepEqual(shown(early), known('7'));
  assert.deepEqual(shown(await connect()), known('7'));
});

test('it follows the newest session, and goes back when that is disposed of', async () => {
  const element = await connect();
  await openOn(new Page());
  const page = new Page();
  page.server.on(CREDITS, () => credits(8));
  const newest = await openOn(page);
  await settle();
  assert.equal(shown(element).value, '8');
  newest.dispose();
  await settle();
  assert.equal(shown(element).value, '7');
});

test('a session that is set overrides the newest, also when it was set before the element was upgraded', async () => {
  const page = new Page();
  page.server.on(CREDITS, () => credits(1));
  const chosen = await openOn(page);
  await openOn(new Page());
  const element = await connect();
  assert.equal(shown(element).value, '7');
  element.session = chosen;
  await settle();
  assert.equal(shown(element).value, '1');
  assert.equal(element.session, chosen);
  element.session = null;
  assert.equal(shown(element).value, '7');

  const late = new CreditBalanceElement();
  Object.defineProperty(late, 'session', { value: chosen, configurable: true, writable: true, enumerable: true });
  await connect(late);
  assert.equal(Object.hasOwn(late, 'session'), false);
  assert.equal(shown(late).value, '1');
});

test('unknown is a dash with words for it and never a 0; a known 0 is a 0', async () => {
  for (const answer of [failed(404), failed(500), () => json('oops'), () => json({ success: false, credits: null, status: 'missing' })]) {
    const page = new Page();
    page.server.on(CREDITS, answer);
    await openOn(page);
    assert.deepEqual(shown(await connect()), UNKNOWN);
  }

  const page = new Page();
  page.server.on(CREDITS, () => credits(0));
  await openOn(page);
  assert.deepEqual(shown(await connect()), known('0'));
});

test('a stale value is marked for the eye and in words, and announces nothing by becoming stale', async () => {
  const page = new Page();
  const session = await openOn(page);
  const element = await connect();
  const spoken = element.shadow.children[2];
  const before = spoken.writes;
  page.server.down = true;
  await session.triggerRecoveryCheck();
  assert.deepEqual(shown(element), { value: '7', mark: '*', spoken: 'Credits: 7', note: 'last known value', stale: true });
  page.server.down = false;
  await page.clock.advance(1_000);
  assert.deepEqual(shown(element), known('7'));
  assert.equal(spoken.writes, before);
});

test('a real change is announced, once', async () => {
  const page = new Page();
  const session = await openOn(page);
  const element = await connect();
  const spoken = element.shadow.children[2];
  const before = spoken.writes;
  page.server.on(CREDITS, () => credits(6, { version: 2 }));
  await session.refreshCredits();
  await session.refreshCredits();
  assert.equal(spoken.writes, before + 1);
  assert.equal(spoken.textContent, 'Credits: 6');
  assert.deepEqual([spoken.getAttribute('role'), spoken.getAttribute('aria-live')], ['status', 'polite']);
  assert.equal(element.shadow.children[0].getAttribute('aria-hidden'), 'true');
});

test('its words are the page\'s, and its parts can be styled', async () => {
  const element = new CreditBalanceElement();
  element.setAttribute('label', 'Guthaben');
  await connect(element);
  element.setAttribute('unknown-label', 'unbekannt');
  assert.equal(shown(element).spoken, 'Guthaben: unbekannt');
  assert.deepEqual(element.shadow.children.map((node) => node.getAttribute('part')), ['value', 'stale', null, null]);
});

test('a sign-out takes the number away', async () => {
  const session = await openOn(new Page());
  const element = await connect();
  await session.signOut();
  assert.deepEqual(shown(element), UNKNOWN);
});

test('another user\'s sign-in shows that user\'s balance without the page doing anything', async () => {
  const page = new Page();
  const adapter = new FakeAdapter(null);
  await openOn(page, { adapter });
  const element = await connect();
  assert.deepEqual(shown(element), UNKNOWN);
  adapter.change('signed_in', 'token-of-2', 'user-2');
  await settle();
  assert.deepEqual(shown(element), known('7'));
});

test('removed from the page it listens to nothing, and put back it shows what is so now', async () => {
  const page = new Page();
  const session = await openOn(page);
  const element = await connect();
  element.disconnectedCallback();
  page.server.on(CREDITS, () => credits(6, { version: 2 }));
  await session.refreshCredits();
  assert.equal(shown(element).value, '7');
  await connect(element);
  assert.equal(shown(element).value, '6');
});
