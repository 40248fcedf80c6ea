import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSession, transitions } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';
import { FakeAdapter, Page, failed, json, later, refused, NEVER } from './fake-server.js';
import { settle } from './fake-clock.js';

const HEALTH = 'GET /session/health';
const RECOVER = 'POST /session/recover';
const inconclusive = () => json({ status: 'inconclusive', checks: [], retry_after_ms: 500 });

/** How each state is reached, from an adapter that has a session. Each leaves the server healthy again. */
const reach = {
  starting: async (page) => {
    page.server.on(HEALTH, () => NEVER);
    return page.open(createSession, { adapter: page.adapter });
  },
  ready: async (page) => page.open(createSession, { adapter: page.adapter }),
  suspect: async (page) => {
    page.server.on(HEALTH, inconclusive);
    return page.open(createSession, { adapter: page.adapter });
  },
  recovering: async (page) => {
    page.server.on(HEALTH, refused);
    page.recovery = later();
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

const answerCheck = async (page, session, answer) => {
  page.server.down = false;
  page.server.on(HEALTH, answer);
  void session.triggerRecoveryCheck('manual');
  await settle();
};

/** How each input is given in a state. */
const give = {
  check_healthy: (page, session) => answerCheck(page, session, () => json({ status: 'healthy', checks: [] })),
  check_inconclusive: (page, session) => answerCheck(page, session, inconclusive),
  check_unhealthy: (page, session) => {
    page.server.on(RECOVER, () => NEVER);
    return answerCheck(page, session, () => json({ status: 'unhealthy', checks: [] }));
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
    page.recovery.resolve(json({ outcome: 'recovered' }));
    await settle();
  },
  recovery_failed: async (page) => {
    page.recovery.resolve(json({ outcome: 'failed' }));
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

/** In `starting` the first check itself gives the input; a deferral needs a recovery that ended a moment ago. */
const giveFirst = {
  check_healthy: (page) => page.server.on(HEALTH, () => json({ status: 'healthy', checks: [] })),
  check_inconclusive: (page) => page.server.on(HEALTH, inconclusive),
  check_unhealthy: (page) => page.server.on(HEALTH, () => json({ status: 'unhealthy', checks: [] })).on(RECOVER, () => NEVER),
  unreachable: (page) => {
    page.server.down = true;
  },
};

async function play(from, on) {
  const page = new Page();
  page.adapter = new FakeAdapter();
  if (from === 'starting' && giveFirst[on]) {
    giveFirst[on](page);
    return { page, session: await page.open(createSession, { adapter: page.adapter }) };
  }

  if (on === 'recovery_deferred') {
    page.server.on(HEALTH, refused);
    const session = await page.open(createSession, { adapter: page.adapter });
    assert.equal(session.state, 'ready');
    if (from === 'offline') {
      page.server.down = true;
      await session.triggerRecoveryCheck();
      assert.equal(session.state, 'offline');
    }

    page.events.length = 0;
    await answerCheck(page, session, refused);
    return { page, session };
  }

  const session = await reach[from](page);
  assert.equal(session.state, from);
  page.events.length = 0;
  await give[on](page, session);
  return { page, session };
}

for (const { from, on, to, emits } of transitions) {
  test(`${from} goes to ${to} on ${on}${emits ? ` and says ${emits}` : ''}`, async () => {
    const { page } = await play(from, on);
    const first = page.named('state-changed')[0];
    assert.deepEqual([first?.detail.previous, first?.detail.state], [from, to]);
    const told = page.events.filter(({ name }) => name === 'auth-recovered' || name === 'session-lost').map(({ name }) => name);
    assert.deepEqual(told, emits ? [emits] : []);
  });
}

test('the table is frozen, has one row per state and input, and every state can be left', () => {
  assert.ok(Object.isFrozen(transitions) && transitions.every(Object.isFrozen));
  const keys = transitions.map(({ from, on }) => `${from}/${on}`);
  assert.equal(new Set(keys).size, keys.length);
  const states = new Set(transitions.flatMap(({ from, to }) => [from, to]));
  assert.deepEqual([...states].sort(), ['offline', 'ready', 'recovering', 'signed_out', 'starting', 'suspect']);
  for (const state of states) {
    assert.ok(transitions.some(({ from }) => from === state), state);
  }
});

test('an input without a row changes nothing: a healthy session stays ready and says nothing', async () => {
  const page = new Page();
  const session = await page.open(createSession);
  page.events.length = 0;
  for (const reason of ['manual', 'online', 'visible', 'new_epoch', 'request_failed', 'no such reason']) {
    assert.deepEqual(await session.triggerRecoveryCheck(reason), { status: 'healthy', state: 'ready' });
  }

  assert.deepEqual(page.events, []);
});

for (const status of [400, 403, 404, 429, 500, 502, 503, 504]) {
  test(`a health check answered with ${status} never signs out and starts no recovery`, async () => {
    const page = new Page();
    const session = await page.open(createSession);
    page.server.on(HEALTH, failed(status));
    await session.triggerRecoveryCheck();
    await page.clock.advance(600_000);
    assert.equal(session.state, 'suspect');
    assert.ok(session.isAuthenticated);
    assert.equal(page.server.to(RECOVER).length, 0);
    assert.equal(page.named('session-lost').length, 0);
  });
}
