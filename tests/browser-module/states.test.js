import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSession, transitions } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';
import { NEVER, FakeAdapter, Page, createDeferred, createResponse, respondUnauthorized, respondWith } from './fake-server.js';
import { settle } from './fake-clock.js';

const HEALTH = 'GET /session/health';
const RECOVER = 'POST /session/recover';
const respondInconclusive = () => createResponse({ status: 'inconclusive', checks: [], retry_after_ms: 500 });

/** Opens a session in each state, with an adapter whose user is signed in. */
const reachState = {
  starting: async (page) => {
    page.server.on(HEALTH, () => NEVER);
    return page.open(createSession, { adapter: page.adapter });
  },
  ready: async (page) => page.open(createSession, { adapter: page.adapter }),
  suspect: async (page) => {
    page.server.on(HEALTH, respondInconclusive);
    return page.open(createSession, { adapter: page.adapter });
  },
  recovering: async (page) => {
    page.server.on(HEALTH, respondUnauthorized);
    page.recovery = createDeferred();
    page.server.on(RECOVER, () => page.recovery.promise);
    return page.open(createSession, { adapter: page.adapter });
  },
  offline: async (page) => {
    page.server.down = true;
    return page.open(createSession, { adapter: page.adapter });
  },
  signed_out: async (page) => {
    page.adapter.set(null);
    return page.open(createSession, { adapter: page.adapter });
  },
};

const respondToCheck = async (page, session, respond) => {
  page.server.down = false;
  page.server.on(HEALTH, respond);
  void session.triggerRecoveryCheck('manual');
  await settle();
};

/** Causes each input of the state machine in any state except `starting`. */
const giveInput = {
  check_healthy: (page, session) => respondToCheck(page, session, () => createResponse({ status: 'healthy', checks: [] })),
  check_inconclusive: (page, session) => respondToCheck(page, session, respondInconclusive),
  check_unhealthy: (page, session) => {
    page.server.on(RECOVER, () => NEVER);
    return respondToCheck(page, session, () => createResponse({ status: 'unhealthy', checks: [] }));
  },
  unreachable: async (page, session) => {
    if (session.state === 'recovering') {
      page.recovery.reject(new TypeError('Failed to fetch'));
      await settle();
      return;
    }

    page.server.down = true;
    void session.triggerRecoveryCheck('manual');
    await settle();
  },
  recovery_succeeded: async (page) => {
    page.recovery.resolve(createResponse({ outcome: 'recovered' }));
    await settle();
  },
  recovery_failed: async (page) => {
    page.recovery.resolve(createResponse({ outcome: 'failed' }));
    await settle();
  },
  session_refused: async (page) => {
    page.adapter.change('refused', null);
    await settle();
  },
  session_ended: async (page) => {
    page.adapter.change('signed_out', null);
    await settle();
  },
  session_began: async (page) => {
    page.server.down = false;
    page.server.on(HEALTH, () => NEVER);
    page.adapter.change('signed_in', 'token-of-2', 'user-2');
    await settle();
  },
};

/** Prepares the server so that the first check causes the input in the state `starting`. */
const giveFirstInput = {
  check_healthy: (page) => page.server.on(HEALTH, () => createResponse({ status: 'healthy', checks: [] })),
  check_inconclusive: (page) => page.server.on(HEALTH, respondInconclusive),
  check_unhealthy: (page) => page.server.on(HEALTH, () => createResponse({ status: 'unhealthy', checks: [] })).on(RECOVER, () => NEVER),
  unreachable: (page) => {
    page.server.down = true;
  },
};

async function runTransition(from, on) {
  const page = new Page();
  page.adapter = new FakeAdapter();
  if (from === 'starting' && giveFirstInput[on]) {
    giveFirstInput[on](page);
    return { page, session: await page.open(createSession, { adapter: page.adapter }) };
  }

  if (on === 'recovery_deferred') {
    page.server.on(HEALTH, respondUnauthorized);
    const session = await page.open(createSession, { adapter: page.adapter });
    assert.equal(session.state, 'ready');
    if (from === 'offline') {
      page.server.down = true;
      await session.triggerRecoveryCheck();
      assert.equal(session.state, 'offline');
    }

    page.events.length = 0;
    await respondToCheck(page, session, respondUnauthorized);
    return { page, session };
  }

  const session = await reachState[from](page);
  assert.equal(session.state, from);
  page.events.length = 0;
  await giveInput[on](page, session);
  return { page, session };
}

for (const { from, on, to, emits } of transitions) {
  test(`${from} goes to ${to} on ${on}${emits ? ` and emits ${emits}` : ''}`, async () => {
    const { page } = await runTransition(from, on);
    const first = page.getEvents('state-changed')[0];
    assert.deepEqual([first?.detail.previous, first?.detail.state], [from, to]);
    const changes = page.events.filter(({ name }) => name === 'auth-recovered' || name === 'session-lost').map(({ name }) => name);
    assert.deepEqual(changes, emits ? [emits] : []);
  });
}

test('transitions are frozen and unique, and leave every state', () => {
  assert.ok(Object.isFrozen(transitions) && transitions.every(Object.isFrozen));
  const keys = transitions.map(({ from, on }) => `${from}/${on}`);
  assert.equal(new Set(keys).size, keys.length);
  const states = new Set(transitions.flatMap(({ from, to }) => [from, to]));
  assert.deepEqual([...states].sort(), ['offline', 'ready', 'recovering', 'signed_out', 'starting', 'suspect']);
  for (const state of states) {
    assert.ok(transitions.some(({ from }) => from === state), state);
  }
});

test('an input without a transition changes nothing', async () => {
  const page = new Page();
  const session = await page.open(createSession);
  page.events.length = 0;
  for (const reason of ['manual', 'online', 'visible', 'new_epoch', 'request_failed', 'no such reason']) {
    assert.deepEqual(await session.triggerRecoveryCheck(reason), { status: 'healthy', state: 'ready' });
  }

  assert.deepEqual(page.events, []);
});

for (const status of [400, 403, 404, 429, 500, 502, 503, 504]) {
  test(`health answered with ${status} starts no recovery`, async () => {
    const page = new Page();
    const session = await page.open(createSession);
    page.server.on(HEALTH, respondWith(status, { 'Session-Epoch': 'epoch-1' }));
    await session.triggerRecoveryCheck();
    await page.clock.advance(600_000);
    assert.equal(session.state, 'suspect');
    assert.ok(session.isAuthenticated);
    assert.equal(page.server.requestsTo(RECOVER).length, 0);
    assert.equal(page.getEvents('session-lost').length, 0);
  });
}
