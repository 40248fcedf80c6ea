import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSession } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';
import { settle } from './fake-clock.js';
import { Page, createResponse, respondAsProxy } from './fake-server.js';

const HEALTH = 'GET /session/health';
const GET = 'GET /api/tracks';

async function openPage(options = {}) {
  const page = new Page();
  page.server.on(GET, () => createResponse({}));
  const session = await page.open(createSession, { idleCheckMs: 2_000, ...options });
  assert.equal(session.state, 'ready');
  page.events.length = 0;
  page.server.requests.length = 0;
  return { page, session, checks: () => page.server.requestsTo(HEALTH).length };
}

function show(page, visibilityState) {
  page.document.visibilityState = visibilityState;
  page.document.dispatchEvent(new Event('visibilitychange'));
}

test('a page without requests notices an outage and its end', async () => {
  const { page, session } = await openPage();
  page.server.down = true;
  await page.clock.advance(2_000);
  assert.equal(session.state, 'offline');
  page.server.down = false;
  page.server.epoch = 'epoch-2';
  await page.clock.advance(1_000);
  assert.deepEqual(page.states, ['offline', 'ready']);
});

test('the end of a long outage is noticed within the time, but not before Retry-After', async () => {
  const { page, session, checks } = await openPage();
  page.server.proxy = respondAsProxy(502);
  await page.clock.advance(60_000);
  assert.ok(checks() < 60, `${checks()} checks in a minute`);
  page.server.proxy = null;
  await page.clock.advance(2_000);
  assert.equal(session.state, 'ready');

  page.server.proxy = respondAsProxy(502, { 'Retry-After': '20' });
  await page.clock.advance(2_000);
  const before = checks();
  await page.clock.advance(19_000);
  assert.equal(checks(), before);
  await page.clock.advance(2_000);
  assert.equal(checks(), before + 1);
});

test('an idle check is due only after a time without a response', async () => {
  const { page, session, checks } = await openPage();
  for (let second = 0; second < 10; second++) {
    await page.clock.advance(1_000);
    await session.fetch('/api/tracks');
  }

  assert.equal(checks(), 0);
  await page.clock.advance(10_000);
  assert.equal(checks(), 5);
});

test('a hidden page starts no idle checks', async () => {
  const { page, checks } = await openPage();
  show(page, 'hidden');
  await page.clock.advance(60_000);
  assert.equal(checks(), 0);
  show(page, 'visible');
  await settle();
  assert.equal(checks(), 1, 'the page is visible again');
  await page.clock.advance(2_000);
  assert.equal(checks(), 2);
});

test('without the option, and after a sign-out or dispose, no idle checks start', async () => {
  for (const [options, act] of [
    [{ idleCheckMs: 0 }, () => {}], [{}, (session) => session.signOut()], [{}, (session) => session.dispose()],
  ]) {
    const { page, session, checks } = await openPage(options);
    await act(session);
    await page.clock.advance(60_000);
    assert.equal(checks(), 0);
    assert.equal(page.clock.pendingTimers, 0);
  }
});
