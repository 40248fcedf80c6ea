import assert from 'node:assert/strict';
import { test } from 'node:test';

test('the module can be imported outside a browser', async () => {
  assert.equal(globalThis.window, undefined);
  const module = await import('../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js');
  assert.equal(typeof module.CreditBalanceElement, 'function');
});

test('a session uses the browser\'s own environment by default', async () => {
  const { createSession } = await import('../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js');
  const before = globalThis.fetch;
  const urls = [];
  globalThis.fetch = async (url) => {
    urls.push(String(url));
    return Response.json({ status: 'healthy' });
  };
  try {
    const session = createSession({ baseUrl: 'https://api.example' });
    assert.equal((await session.whenReady()).state, 'ready');
    assert.deepEqual(urls, ['https://api.example/session/health']);
    session.dispose();
  } finally {
    globalThis.fetch = before;
  }
});
