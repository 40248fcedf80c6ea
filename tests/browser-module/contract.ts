// This file is compiled but never run. The compiler checks that the implementation has exactly the types that session-recovery.d.ts
// declares.
import type * as declared from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';
import { BearerAdapter, bearerAdapter } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery/adapters/bearer.js';
import { supabaseFetch } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery/adapters/supabase-refresh-guard.js';
import { SupabaseAdapter, supabaseAdapter } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery/adapters/supabase.js';
import { CreditBalanceElement } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery/credit-balance.js';
import { CreditHistoryElement } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery/credit-history.js';
import { Session, createSession } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery/session.js';
import { transitions } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery/state-machine.js';

interface Implementation {
  bearerAdapter: typeof bearerAdapter;
  createSession: typeof createSession;
  supabaseAdapter: typeof supabaseAdapter;
  supabaseFetch: typeof supabaseFetch;
  transitions: typeof transitions;
  CreditBalanceElement: typeof CreditBalanceElement;
  CreditHistoryElement: typeof CreditHistoryElement;
}

/** Fails to compile if A is not assignable to B. */
type Satisfies<A extends B, B> = A;

/** Maps a class to its public members, with the parameters of each method and the type of each property. */
type Members<T> = {
  [K in Exclude<keyof T, 'addEventListener' | 'removeEventListener'>]: T[K] extends (...parameters: infer P) => unknown ? P : T[K];
};

/** Fails to compile if the two types are not assignable to each other. */
type AreEqual<A extends B, B extends C, C = A> = [A, B, C];

type DeclaredSupabaseAdapter = Omit<declared.SupabaseAdapter, 'userKey'>; // an optional member of every adapter

export type AllDeclarationsAreImplemented = Satisfies<Implementation, typeof declared>;
export type AllExportsAreDeclared = Satisfies<typeof declared, Omit<Implementation, 'CreditBalanceElement' | 'CreditHistoryElement'>>;
export type AllMembersAreDeclared = [
  AreEqual<Members<Session>, Members<declared.Session>>,
  AreEqual<Members<BearerAdapter>, Members<declared.BearerAdapter>>,
  AreEqual<Members<SupabaseAdapter>, Members<DeclaredSupabaseAdapter>>,
  AreEqual<Members<CreditBalanceElement>, Members<declared.CreditBalanceElement>>,
  AreEqual<Members<CreditHistoryElement>, Members<declared.CreditHistoryElement>>,
];
