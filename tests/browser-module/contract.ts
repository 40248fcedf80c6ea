// Compiled and never run: the implementation has exactly the types that session-recovery.d.ts declares.
import type * as declared from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';
import { bearerAdapter } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery/adapters/bearer.js';
import { supabaseFetch } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery/adapters/supabase-refresh-guard.js';
import { supabaseAdapter } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery/adapters/supabase.js';
import { CreditBalanceElement } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery/credit-balance.js';
import { createSession } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery/session.js';
import { transitions } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery/state-machine.js';

interface Implementation {
  bearerAdapter: typeof bearerAdapter;
  createSession: typeof createSession;
  supabaseAdapter: typeof supabaseAdapter;
  supabaseFetch: typeof supabaseFetch;
  transitions: typeof transitions;
  CreditBalanceElement: typeof CreditBalanceElement;
}

/** Fails to compile when A is not assignable to B. */
type Satisfies<A extends B, B> = A;

type PublicElement = Pick<declared.CreditBalanceElement, keyof declared.CreditBalanceElement>;
type ImplementedElement = Pick<CreditBalanceElement, keyof CreditBalanceElement>;

export type EverythingDeclaredIsImplemented = Satisfies<Implementation, typeof declared>;
export type EverythingImplementedIsDeclared = Satisfies<typeof declared, Omit<Implementation, 'CreditBalanceElement'>>;
export type TheElementIsDeclared = Satisfies<PublicElement, ImplementedElement>;
