// This file is compiled but never run. The compiler checks that the adapter accepts the types of the real client, with and without the
// guard as the client's fetch function.
import { createClient, type Session as SupabaseSession, type SupabaseClient } from '@supabase/supabase-js';
import { createClient as createOldClient } from 'supabase-js-2.45';
import {
  createSession, supabaseAdapter, supabaseFetch, type SupabaseAdapter, type SupabaseSessionLike,
} from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';

interface Database {
  public: { Tables: Record<string, never>; Views: Record<string, never>; Functions: Record<string, never> };
}

const plain = createClient('https://project.example', 'sb_publishable_x', { global: { fetch: supabaseFetch() } });
const typed: SupabaseClient<Database> = createClient<Database>('https://project.example', 'sb_publishable_x');
const old = createOldClient('https://project.example', 'sb_publishable_x', { global: { fetch: supabaseFetch({ fetch }) } });

export const adapters: SupabaseAdapter[] = [
  supabaseAdapter(plain),
  supabaseAdapter(typed, { environment: { locks: null } }),
  supabaseAdapter(old, { storage: sessionStorage, storageKey: 'own-key' }),
];
createSession({ baseUrl: 'https://api.example', adapter: supabaseAdapter(plain) });

declare const session: SupabaseSession;
export const like: SupabaseSessionLike = session;

// @ts-expect-error the adapter needs the client, not its auth
supabaseAdapter(plain.auth);
