import { bearerAdapter, supabaseAdapter, supabaseFetch } from '/session/session-recovery.js';
import { info } from './info.js';

/** The accounts of this server or of a Supabase project. Both offer the same functions and the adapter of the session. */
export const accounts = info.supabase ? await onSupabase(info.supabase) : embedded();

/** Stores the tokens of the bearer endpoints and refreshes them. */
function embedded() {
  const adapter = bearerAdapter();
  return {
    adapter,
    signUp: (email, password) => adapter.signUp(email, password),
    signIn: (email, password) => adapter.signIn(email, password),
  };
}

/** Supabase's official client signs in and stores the tokens. It is the only client on the page. */
async function onSupabase({ url, publishable_key: key }) {
  await load('/studio/supabase.js');
  const client = globalThis.supabase.createClient(url, key, { global: { fetch: supabaseFetch() } });
  return {
    adapter: supabaseAdapter(client),
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
