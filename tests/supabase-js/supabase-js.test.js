import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createClient } from '@supabase/supabase-js';
import { createSession, supabaseAdapter } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';
import { missing, startSupabase } from './stand-in.js';

if (missing !== null && process.env.CI === 'true') {
  throw new Error(missing);
}

class NoSocket {}

class MemoryStorage {
  values = new Map();

  getItem = (key) => this.values.get(key) ?? null;
  setItem = (key, value) => void this.values.set(key, value);
  removeItem = (key) => void this.values.delete(key);
}

describe('the official client', { skip: missing ?? false }, () => {
  let supabase;
  const clients = [];
  const disposals = [];

  before(async () => {
    supabase = await startSupabase();
  });

  after(async () => {
    disposals.forEach((dispose) => dispose());
    await Promise.all(clients.map((client) => client.auth.stopAutoRefresh()));
    await supabase.stop();
  });

  // Only the ledger of the test double is audited. The audit runs after each test, so that a violation is reported for the test that caused
  // it.
  afterEach(async () => {
    const { faults } = await supabase.control?.('/audit', undefined, 'GET') ?? { faults: [] };
    assert.deepEqual(faults, []);
  });

  function newClient(key = supabase.publishable, auth = {}) {
    const client = createClient(supabase.url, key, { auth: { storage: new MemoryStorage(), ...auth }, realtime: { transport: NoSocket } });
    clients.push(client);
    return client;
  }

  /** Signs up a new user and returns the signed-in client. */
  async function newUser(auth) {
    const client = newClient(supabase.publishable, auth);
    const email = `u${randomUUID()}@example.org`;
    const password = 'a-good-password';
    const { data } = requireSuccess(await client.auth.signUp({ email, password }));
    return { client, email, password, id: data.user.id };
  }

  const requireSuccess = (result) => {
    assert.equal(result.error, null);
    return result;
  };

  test('signs up, signs out, signs in and reads its user', async () => {
    const { client, email, password, id } = await newUser();
    requireSuccess(await client.auth.signOut());
    assert.equal((await client.auth.getSession()).data.session, null);
    const wrong = await client.auth.signInWithPassword({ email, password: 'another' });
    assert.equal(wrong.error.code, 'invalid_credentials');
    requireSuccess(await client.auth.signInWithPassword({ email, password }));
    assert.equal(requireSuccess(await client.auth.getUser()).data.user.id, id);
  });

  test('a refresh returns a new refresh token', async () => {
    const { client } = await newUser();
    const first = (await client.auth.getSession()).data.session;
    const second = requireSuccess(await client.auth.refreshSession()).data.session;
    assert.notEqual(second.refresh_token, first.refresh_token);
    assert.equal(second.user.id, first.user.id);
  });

  const reuseReason = (process.env.SUPABASE_URL && 'A project accepts a used token during its reuse interval, 10 s by default.') ?? false;
  test('a used token is rejected after its successor was used', { skip: reuseReason }, async () => {
    const { client } = await newUser();
    const first = (await client.auth.getSession()).data.session;
    requireSuccess(await client.auth.refreshSession());
    requireSuccess(await client.auth.refreshSession());
    const { error } = await newClient().auth.refreshSession({ refresh_token: first.refresh_token });
    assert.equal(error.code, 'refresh_token_already_used');
  });

  test('verifies its token with the public keys', async () => {
    const { client, id } = await newUser();
    assert.equal(requireSuccess(await client.auth.getClaims()).data.claims.sub, id);
  });

  test('gets an account and reads only its own credits row', async () => {
    const ann = await newUser();
    const bob = await newUser();
    for (const { client } of [ann, bob]) {
      requireSuccess(await client.rpc('initialize_my_credits'));
    }

    const balance = requireSuccess(await ann.client.rpc('get_my_credits', {}, { get: true })).data;
    const rows = requireSuccess(await ann.client.from('user_credits').select('user_id, credits')).data;
    assert.deepEqual(rows.map(({ user_id }) => user_id), [ann.id]);
    assert.equal(rows[0].credits, balance.available);
    const single = requireSuccess(await ann.client.from('user_credits').select('credits').eq('user_id', ann.id).single()).data;
    assert.equal(single.credits, balance.available);
    assert.equal((await ann.client.from('user_credits').select('credits').eq('user_id', bob.id).single()).error.code, 'PGRST116');
    assert.equal((await newClient().from('user_credits').select('credits').limit(1)).error.code, '42501');
  });

  test('only the secret key can grant and consume credits', async () => {
    const { client, id } = await newUser();
    const server = newClient(supabase.secret);
    const key = randomUUID();
    assert.equal((await client.rpc('grant_credits', { p_user: id, p_amount: 5, p_key: key })).error.code, '42501');
    assert.equal((await client.from('user_credits').update({ credits: 1_000_000 }).eq('user_id', id)).error.code, '42501');
    requireSuccess(await server.rpc('initialize_user_credits', { p_user: id }));
    const before = requireSuccess(await client.rpc('get_my_credits')).data.available;
    requireSuccess(await server.rpc('grant_credits', { p_user: id, p_amount: 5, p_key: key }));
    requireSuccess(await server.rpc('grant_credits', { p_user: id, p_amount: 5, p_key: key }));
    requireSuccess(await server.rpc('consume_credits', { p_user: id, p_amount: 2, p_key: `spend-${key}` }));
    assert.equal(requireSuccess(await client.rpc('get_my_credits')).data.available, before + 3);
  });

  test('uploads, lists, downloads, signs and removes a file in its own folder only', async () => {
    const { client, id } = await newUser();
    const { client: other } = await newUser();
    const path = `${id}/note.txt`;
    const files = client.storage.from('uploads');
    requireSuccess(await files.upload(path, new Blob(['hello'], { type: 'text/plain' })));
    assert.deepEqual(requireSuccess(await files.list(id)).data.map(({ name }) => name), ['note.txt']);
    assert.equal(await requireSuccess(await files.download(path)).data.text(), 'hello');
    const { signedUrl } = requireSuccess(await files.createSignedUrl(path, 60)).data;
    assert.equal(await (await fetch(signedUrl)).text(), 'hello');
    assert.notEqual((await other.storage.from('uploads').download(path)).error, null);
    assert.notEqual((await other.storage.from('uploads').upload(`${id}/theirs.txt`, 'x')).error, null);
    requireSuccess(await files.remove([path]));
    assert.notEqual((await files.download(path)).error, null);
  });

  describe('with the adapter', { skip: (process.env.SUPABASE_URL && 'Only the stand-in can inject faults.') ?? false }, () => {
    const fetchUser = (authorization) => fetch(`${supabase.url}/auth/v1/user`, {
      headers: { apikey: supabase.publishable, Authorization: authorization },
    });
    let unauthorized = 0;

    /** Simulates an application that reports a session as healthy if Auth accepts the token. */
    const appFetch = async (url, init) => {
      const path = new URL(url).pathname;
      const token = new Headers(init.headers).get('Authorization');
      if (path === '/session/recover') {
        return Response.json({ outcome: 'not_needed' });
      }

      const response = await fetchUser(token);
      if (response.ok) {
        return Response.json({ status: 'healthy', checks: [] });
      }

      unauthorized++;
      return Response.json({ code: 'invalid_token' }, { status: 401 });
    };

    function openTab(storage) {
      const client = newClient(supabase.publishable, { storage, storageKey: 'own-key' });
      const environment = { storage, locks: null, fetch: appFetch, href: 'http://127.0.0.1/' };
      const session = createSession({ adapter: supabaseAdapter(client, { environment }), environment });
      disposals.push(() => session.dispose());
      return { client, session };
    }

    /**
     * Stores the session of a user whose access token expired an hour ago and is rejected. A device whose clock is behind still considers
     * the token valid.
     */
    async function expired({ hidesExpiry = false } = {}) {
      const storage = new MemoryStorage();
      await supabase.control('/auth', { token_lifetime: -3600 });
      const user = await newUser({ storage, storageKey: 'own-key', autoRefreshToken: false });
      await supabase.control('/auth', { token_lifetime: 3600 });
      const session = JSON.parse(storage.getItem('own-key'));
      assert.equal((await fetchUser(`Bearer ${session.access_token}`)).status, 403);
      if (hidesExpiry) {
        storage.setItem('own-key', JSON.stringify({ ...session, expires_at: Math.floor(Date.now() / 1000) + 3600 }));
      }

      return { storage, ...user };
    }

    const refreshes = async () => (await supabase.control('/requests', undefined, 'GET'))['POST /auth/v1/token?grant_type=refresh_token'];

    for (const hidesExpiry of [false, true]) {
      test(`ten tabs with ${hidesExpiry ? 'an unnoticed' : 'a known'} expired session are signed in by one refresh`, async () => {
        const { storage } = await expired({ hidesExpiry });
        await supabase.control('/requests', undefined, 'DELETE');
        unauthorized = 0;

        if (hidesExpiry) {
          // The refresh is delayed until each tab has received a 401 for the old token.
          await supabase.control('/faults', { service: 'auth', path: '/token', kind: 'slow', delay: '00:00:05' });
        }

        const tabs = Array.from({ length: 10 }, () => openTab(storage));
        let areReady = false;
        const outcomes = Promise.all(tabs.map(({ session }) => session.whenReady())).finally(() => {
          areReady = true;
        });
        while (hidesExpiry && unauthorized < tabs.length && !areReady) {
          await nextTurn();
        }

        await supabase.control('/faults', undefined, 'DELETE');
        assert.deepEqual(new Set((await outcomes).map(({ state }) => state)), new Set(['ready']));
        assert.equal(await refreshes(), 1);
        assert.equal(unauthorized, hidesExpiry ? tabs.length : 0);
      });
    }

    test('a connection reset, a 503, a rate limit or a lost response does not sign the client out', async () => {
      for (const kind of ['reset', 'status', 'tooManyRequests', 'responseLost']) {
        const { storage } = await expired();
        await supabase.control('/faults', { service: 'auth', path: '/token', kind, count: 1 });
        const { session } = openTab(storage);
        const { state } = await session.whenReady();
        assert.equal(state, 'ready', kind);
        await supabase.control('/faults', undefined, 'DELETE');
      }
    });

    test('a session that was ended on another device is signed out', async () => {
      const { storage, email, password } = await expired();
      const elsewhere = newClient();
      requireSuccess(await elsewhere.auth.signInWithPassword({ email, password }));
      requireSuccess(await elsewhere.auth.signOut({ scope: 'global' }));
      const { session } = openTab(storage);
      assert.equal((await session.whenReady()).state, 'signed_out');
      assert.equal(storage.getItem('own-key'), null);
    });
  });
});
