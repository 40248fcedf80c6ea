import { bearerAdapter, supabaseAdapter, supabaseFetch } from '/session/session-recovery.js';
import { info } from './info.js';

/** Where accounts are kept: by this server, or by a project of Supabase's. Both sign up and in alike, and give the session its adapter. */
export const accounts = info.supabase ? await onSupabase(info.supabase) : embedded();

/** Keeps the tokens of the bearer endpoints and renews them when they expired. */
function embedded() {
  const adapter = bearerAdapter();
  return {
    adapter,
    signUp: (email, password) => adapter.signUp(email, password),
    signIn: (email, password) => adapter.signIn(email, password),
  };
}

/** Supabase's own client signs in and keeps the tokens; there is no second one beside it. */
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
