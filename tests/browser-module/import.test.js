import assert from 'node:assert/strict';
import { test } from 'node:test';

test('without a window, a document or custom elements the module can be imported and its element is a plain class', async () => {
  assert.equal(globalThis.window, undefined);
  const module = await import('../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js');
  assert.equal(typeof module.CreditBalanceElement, 'function');
});

test('the browser\'s own fetch, clock and chance serve when nothing is injected', async () => {
  const { createSession } = await import('../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js');
  const before = globalThis.fetch;
  const asked = [];
  globalThis.fetch = async (url) => {
    asked.push(String(url));
    return Response.json({ status: 'healthy' });
  };
  try {
    const session = createSession({ baseUrl: 'https://api.example' });
    assert.equal((await session.whenReady()).state, 'ready');
    assert.deepEqual(asked, ['https://api.example/session/health']);
    session.dispose();
  } finally {
    globalThis.fetch = before;
  }
});
