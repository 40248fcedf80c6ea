import { bearerAdapter, supabaseAdapter, supabaseFetch } from '/session/session-recovery.js';
import { newKey } from './dom.js';
import { info } from './info.js';
import { recordedFetch } from './traffic.js';

/**
 * Signs users in, either at this server or at a Supabase project. Both variants have the same functions and contain an adapter for the
 * session. `openGuest` creates an account without a form, and `keepGuest` adds an e-mail address and a password to this account. On
 * Supabase, `keepGuest` does not exist, because the new address must be confirmed by e-mail first. While the server is unreachable, the
 * functions wait until the signal is aborted.
 */
export const accounts = info.supabase ? await onSupabase(info.supabase) : embedded();

/** Creates the functions for accounts of this server. The adapter stores and refreshes the tokens that the bearer endpoints return. */
function embedded() {
  const adapter = bearerAdapter({ environment: { fetch: recordedFetch } });
  return {
    adapter,
    openGuest: (signal) => adapter.signUp(`guest-${newKey()}@guest.invalid`, newKey(), patient(signal)),
    signUp: (email, password, signal) => adapter.signUp(email, password, patient(signal)),
    signIn: (email, password, signal) => adapter.signIn(email, password, patient(signal)),
    keepGuest,
  };
}

/** Returns options with which the browser module repeats a sign-in for as long as the server is unreachable. */
const patient = (signal) => ({ budgetMs: Infinity, signal });

/** Turns a guest into an account. An outage may last longer than `session.fetch` repeats a request, so this function repeats the call. */
async function keepGuest(email, password, session, signal) {
  const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': newKey() };
  const init = { method: 'POST', headers, body: JSON.stringify({ email, password }), signal };
  for (;;) {
    const response = await session.fetch('/studio/keep', init).catch(() => null);
    if (signal.aborted || !session.isAuthenticated) {
      return failed({ code: signal.aborted ? 'unreachable' : 'unauthenticated' });
    }

    if (response !== null && (response.status < 502 || response.headers.has('Session-Epoch'))) {
      return response.ok ? { ok: true } : failed(await response.json().catch(() => ({ status: response.status })));
    }

    await session.whenReady();
  }
}

/** Creates the functions for accounts of a Supabase project. Supabase's client stores the tokens. The page must create only one client. */
async function onSupabase({ url, publishable_key: key }) {
  await load('/studio/supabase.js');
  const client = globalThis.supabase.createClient(url, key, { global: { fetch: supabaseFetch({ fetch: recordedFetch }) } });
  return {
    adapter: supabaseAdapter(client),
    openGuest: async () => result((await client.auth.signInAnonymously()).error),
    signUp: async (email, password) => {
      const { data, error } = await client.auth.signUp({ email, password });
      return error === null && data.session === null
        ? failed({ code: 'email_not_confirmed' })
        : result(error);
    },
    signIn: async (email, password) => result((await client.auth.signInWithPassword({ email, password })).error),
  };
}

const codes = {
  invalid_credentials: 'sign_in_failed',
  user_already_exists: 'account_exists',
  email_exists: 'account_exists',
  over_request_rate_limit: 'account_locked',
};

function result(error) {
  return error === null ? { ok: true } : failed({
    status: error.status,
    code: codes[error.code] ?? (error.status ? error.code : 'unreachable'),
    detail: error.message,
  });
}

function failed(problem) {
  return { ok: false, problem };
}

function load(address) {
  return new Promise((done, fail) => {
    const script = document.createElement('script');
    script.src = address;
    script.onload = done;
    script.onerror = () => fail(new Error(`${address} could not be loaded.`));
    document.head.append(script);
  });
}
