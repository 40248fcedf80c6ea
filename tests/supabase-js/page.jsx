// A bundled page with React, the official client and the browser module. The page runs on another port than its API. The query string
// configures the page: index.html?api=<URL of the app>&supabase=<URL>&key=<publishable key>. With cooldown=<ms>, a test may expire the
// session repeatedly.
import { createClient } from '@supabase/supabase-js';
import { useState, useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';
import { createSession, supabaseAdapter, supabaseFetch } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';

const options = new URLSearchParams(location.search);
const supabase = createClient(options.get('supabase'), options.get('key'), { global: { fetch: supabaseFetch() } });
const session = createSession({
  baseUrl: options.get('api'),
  adapter: supabaseAdapter(supabase),
  ...(options.has('cooldown') && { cooldownMs: Number(options.get('cooldown')) }),
});

// The following objects are global, so that tests can access them from outside the page.
Object.assign(globalThis, { supabase, session, events: [] });
supabase.auth.onAuthStateChange((event) => void globalThis.events.push(event));
for (const event of ['auth-recovered', 'session-lost']) {
  session.addEventListener(event, () => void globalThis.events.push(event));
}

function App() {
  const { state, isAuthenticated, credits } = useSyncExternalStore(session.subscribe, session.getSnapshot);
  return (
    <>
      <p>Session: <output id="state">{state}</output></p>
      {isAuthenticated
        ? (
          <>
            <p>Credits: <output id="credits">{credits.credits ?? '–'}</output> <span id="status">{credits.status}</span></p>
            <button id="reload" onClick={() => void session.refreshCredits()}>Look again</button>
            <button id="sign-out" onClick={() => void session.signOut()}>Sign out</button>
          </>
        )
        : <SignIn />}
    </>
  );
}

function SignIn() {
  const [problem, setProblem] = useState(null);
  const enter = (method) => async (event) => {
    event.preventDefault();
    const { email, password } = Object.fromEntries(new FormData(event.target.closest('form')));
    const { error } = await supabase.auth[method]({ email, password });
    setProblem(error?.code ?? null);
    if (error === null) {
      void session.getCredits();
    }
  };
  return (
    <form onSubmit={enter('signInWithPassword')}>
      <label>E-mail <input id="email" name="email" type="email" autoComplete="username" /></label>
      <label>Password <input id="password" name="password" type="password" autoComplete="current-password" /></label>
      <button id="sign-in" type="submit">Sign in</button>
      <button id="sign-up" type="button" onClick={enter('signUp')}>Sign up</button>
      {problem !== null && <p id="problem" role="alert">{problem}</p>}
    </form>
  );
}

void session.getCredits();
createRoot(document.getElementById('app')).render(<App />);
