// This file is compiled but never run. The file contains the code of a page, and mistakes that the types must reject.
import {
  bearerAdapter, createSession, supabaseAdapter, supabaseFetch, transitions,
  type CreditReading, type Session, type SessionAdapter, type SessionSnapshot, type SessionState, type SupabaseClientLike,
} from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';

const adapter = bearerAdapter({ baseUrl: 'https://api.example', storage: sessionStorage, paths: { login: '/account/login' } });
const session: Session = createSession({
  baseUrl: 'https://api.example',
  adapter,
  paths: { credits: '/api/users/credits' },
  cooldownMs: 10_000,
});

createSession();
createSession({ adapter: null, credentials: 'include' });

const own: SessionAdapter = {
  getAccessToken: async () => 'token',
  refresh: async ({ token }) => (token === null ? { outcome: 'refused' } : { outcome: 'unavailable', reason: 'network' }),
};
createSession({ adapter: own, environment: { random: () => 0.5, storage: null } });

declare const client: SupabaseClientLike;
createSession({ adapter: supabaseAdapter(client, { storage: localStorage, storageKey: 'own-key', environment: { locks: null } }) });
const guarded: typeof fetch = supabaseFetch();

// Declares the signature of React's useSyncExternalStore.
declare function useSyncExternalStore<T>(
  subscribe: (onChange: () => void) => () => void, getSnapshot: () => T, getServerSnapshot?: () => T): T;
const snapshot: SessionSnapshot = useSyncExternalStore(session.subscribe, session.getSnapshot, session.getServerSnapshot);
const state: SessionState = snapshot.state;

session.addEventListener('credits-changed', (event) => {
  const credits: number | null = event.detail.credits;
  return credits;
});
session.addEventListener('sign-in-required', ({ detail }) => {
  const reason: 'redirected' | 'html' = detail.reason;
  return reason;
});
window.fetch = session.fetch;
session.addEventListener('state-changed', ({ detail }) => detail.previous);

export async function use(): Promise<number | null> {
  const { state: reached, reason } = await session.whenReady();
  const response: Response = await session.fetch('/api/tracks', {
    method: 'POST',
    headers: { 'Idempotency-Key': reason + reached + state },
  });
  const signedIn = await adapter.signIn('a@b.example', 'secret');
  if (!signedIn.ok) {
    return signedIn.problem.status + response.status;
  }

  await session.triggerRecoveryCheck('online');
  const reading: CreditReading = await session.getCredits({ refresh: true });
  if (reading.status === 'known' || reading.status === 'stale') {
    const amount: number = reading.credits;
    return amount;
  }

  const nothing: null = reading.credits;
  return nothing;
}

const element = document.querySelector('credit-balance');
if (element) {
  element.session = session;
  element.session = null;
}

// @ts-expect-error a snapshot is immutable
snapshot.state = 'ready';
// @ts-expect-error the table is immutable
transitions[0]!.to = 'ready';
// @ts-expect-error the property is read-only
session.isAuthenticated = true;
// @ts-expect-error the outcome does not exist
createSession({ adapter: { getAccessToken: () => null, refresh: () => ({ outcome: 'maybe' }) } });
// @ts-expect-error the object is not a client
supabaseAdapter({ auth: {} });
// @ts-expect-error an unknown balance has no number
const wrong: number = (await session.getCredits()).credits;
export { guarded, wrong };
