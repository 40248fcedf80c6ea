import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { defined, install } from './fake-dom.js';
import { FakeAdapter, Page, createCreditsResponse, createDeferred, createResponse, respondWith } from './fake-server.js';
import { settle } from './fake-clock.js';

install();
const { createSession, CreditHistoryElement } = await import('../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js');
const openSessions = [];
const elements = [];
const HISTORY = 'GET /auth/credits/history';

afterEach(() => {
  elements.splice(0).forEach((element) => element.disconnectedCallback());
  openSessions.splice(0).forEach((session) => session.dispose());
});

/** Simulates a ledger, each of whose entries changes the balance by the given amount. */
function serveLedger(server, amounts, kinds = {}) {
  server.on(HISTORY, ({ url }) => {
    const before = Number(url.searchParams.get('before') ?? amounts.length + 1);
    const limit = Number(url.searchParams.get('limit'));
    let balance = 0;
    const all = amounts.map((amount, index) => ({
      version: index + 1, kind: kinds[index + 1] ?? (amount < 0 ? 'consume' : 'grant'), amount, held: 0, balance: balance += amount,
      reason: index === 0 ? '<b>first</b>' : null, request: null, created_at: '2030-01-01T00:00:00Z',
    }));
    const entries = all.filter(({ version }) => version < before).reverse().slice(0, limit);
    const last = entries.at(-1)?.version ?? 1;
    return createResponse({ entries, next_before: entries.length === limit && last > 1 ? last : null });
  });
}

async function open(page, options) {
  const session = await page.open(createSession, options);
  openSessions.push(session);
  return session;
}

async function connect() {
  const element = new CreditHistoryElement();
  elements.push(element);
  element.connectedCallback();
  await settle();
  return element;
}

function readRows(element) {
  const [body] = element.shadow.findAll('tbody');
  return body.children.map((row) => row.children.slice(1).map((cell) => cell.textContent).join('|'));
}

const readStatus = (element) => element.shadow.findAll('p')[0].textContent;
const getMore = (element) => element.shadow.findAll('button')[0];

test('the element is defined as credit-history', () => {
  assert.equal(defined.get('credit-history'), CreditHistoryElement);
});

test('a page of the statement has entries and the next page', async () => {
  const page = new Page();
  serveLedger(page.server, [100, -5, 20]);
  const session = await open(page);
  const first = await session.getCreditHistory({ limit: 2 });
  assert.equal(first.status, 'known');
  assert.deepEqual(first.entries.map(({ version, amount, createdAt }) => [version, amount, createdAt]), [
    [3, 20, '2030-01-01T00:00:00Z'], [2, -5, '2030-01-01T00:00:00Z'],
  ]);
  const second = await session.getCreditHistory({ before: first.nextBefore, limit: 2 });
  assert.deepEqual(second.entries.map(({ version }) => version), [1]);
  assert.equal(second.nextBefore, null);
  assert.equal(page.server.requestsTo(HISTORY)[0].headers.get('Authorization'), 'Bearer token-1');
});

test('a failed or malformed response is unavailable, never an empty statement', async () => {
  for (const respond of [respondWith(404), respondWith(400), () => createResponse('oops'), () => createResponse({})]) {
    const page = new Page();
    page.server.on(HISTORY, respond);
    const { status, entries } = await (await open(page)).getCreditHistory();
    assert.deepEqual([status, entries.length], ['unavailable', 0]);
  }
});

test('the table has a caption, column headers and texts that are no markup', async () => {
  const page = new Page();
  serveLedger(page.server, [100, -5]);
  await open(page);
  const element = await connect();
  assert.deepEqual(element.shadow.findAll('caption').map(({ textContent }) => textContent), ['Credit history']);
  assert.deepEqual(
    element.shadow.findAll('th').map((header) => `${header.getAttribute('scope')} ${header.textContent}`),
    ['col Date', 'col Entry', 'col Change', 'col Balance']);
  assert.deepEqual(readRows(element), ['Spent|−5|95', '<b>first</b>|+100|100']);
  assert.equal(getMore(element).hasAttribute('hidden'), true);
  element.setAttribute('consume-label', 'Ausgegeben');
  assert.equal(readRows(element)[0], 'Ausgegeben|−5|95');
});

test('more entries are loaded on demand', async () => {
  const page = new Page();
  serveLedger(page.server, Array.from({ length: 60 }, () => 1));
  await open(page);
  const element = await connect();
  assert.equal(readRows(element).length, 50);
  assert.equal(getMore(element).hasAttribute('hidden'), false);
  getMore(element).onclick();
  await settle();
  assert.equal(readRows(element).length, 60);
  assert.equal(readRows(element).at(-1), '<b>first</b>|+1|1');
  assert.equal(getMore(element).hasAttribute('hidden'), true);
});

test('entries that change no balance are not shown', async () => {
  const page = new Page();
  serveLedger(page.server, [100, ...Array.from({ length: 120 }, () => 0)], {});
  await open(page);
  const element = await connect();
  assert.deepEqual(readRows(element), ['<b>first</b>|+100|100']);
  assert.equal(page.server.requestsTo(HISTORY).length, 3);
});

test('a changed balance adds the new entries and keeps the older pages', async () => {
  const page = new Page();
  const amounts = Array.from({ length: 60 }, () => 1);
  serveLedger(page.server, amounts);
  const session = await open(page);
  const element = await connect();
  getMore(element).onclick();
  await settle();
  amounts.push(-7);
  page.server.on('GET /auth/credits', () => createCreditsResponse(53, { version: 61 }));
  await session.refreshCredits();
  await settle();
  assert.equal(readRows(element).length, 61);
  assert.equal(readRows(element)[0], 'Spent|−7|53');
});

test('a failure is announced and can be repeated', async () => {
  const page = new Page();
  page.server.on(HISTORY, respondWith(404));
  await open(page);
  const element = await connect();
  assert.equal(readStatus(element), 'The history is not available at the moment.');
  serveLedger(page.server, [100]);
  getMore(element).onclick();
  await settle();
  assert.deepEqual(readRows(element), ['<b>first</b>|+100|100']);
  assert.equal(readStatus(element), '');
});

test('an account without entries is described', async () => {
  const page = new Page();
  serveLedger(page.server, []);
  await open(page);
  assert.equal(readStatus(await connect()), 'No entries yet');
});

test('a sign-out or another user removes the entries', async () => {
  const page = new Page();
  const adapter = new FakeAdapter();
  serveLedger(page.server, [100]);
  const session = await open(page, { adapter });
  const element = await connect();
  assert.equal(readRows(element).length, 1);
  const other = createDeferred();
  page.server.on(HISTORY, () => other.promise);
  adapter.change('signed_in', 'token-9', 'user-2');
  await settle();
  assert.deepEqual(readRows(element), [], 'before the statement of the other user arrives');
  other.resolve(createResponse({ entries: [], next_before: null }));
  await settle();
  await session.signOut();
  await settle();
  assert.deepEqual(readRows(element), []);
});
