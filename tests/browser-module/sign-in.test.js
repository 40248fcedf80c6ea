import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSession } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';
import { FakeAdapter, Page, createResponse } from './fake-server.js';

const HEALTH = 'GET /session/health';
const GET = 'GET /api/tracks';
const POST = 'POST /api/tracks';
const respondHealthy = () => createResponse({ status: 'healthy' });
const respondOk = () => createResponse({ fine: true });

// The server cannot load the keys that are needed to read a cookie or a token.
const respondUnavailable = () =>
  createResponse({ code: 'sign_in_unavailable' }, { status: 503, headers: { 'Retry-After': '2', 'Session-Epoch': 'epoch-2' } });

for (const [name, createAdapter] of [['cookies', () => null], ['tokens', () => new FakeAdapter()]]) {
  test(`a key store that is away for 20 s keeps the session with ${name}`, async () => {
    const page = new Page();
    page.server.on(HEALTH, respondHealthy);
    const adapter = createAdapter();
    const session = await page.open(createSession, { adapter });
    assert.equal(session.state, 'ready');
    page.events.length = 0;
    page.server.on(HEALTH, respondUnavailable).on(GET, respondUnavailable).on(POST, respondUnavailable);
    const read = session.fetch('/api/tracks');
    const paid = session.fetch('/api/tracks', { method: 'POST', headers: { 'Idempotency-Key': 'k-1' }, body: 'x' });
    void session.triggerRecoveryCheck();
    for (let second = 0; second < 20; second++) {
      await page.clock.advance(1_000);
      assert.ok(session.isAuthenticated, session.state);
    }

    page.server.on(HEALTH, respondHealthy).on(GET, respondOk).on(POST, respondOk);
    await page.clock.advance(10_000);
    assert.equal((await read).status, 200);
    assert.equal((await paid).status, 200);
    assert.equal(session.state, 'ready');
    assert.equal(page.getEvents('session-lost').length, 0);
    assert.equal(page.getEvents('sign-in-required').length, 0);
    assert.equal(adapter?.refreshes.length ?? 0, 0, 'a refresh cannot help');
  });
}
