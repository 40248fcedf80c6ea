// Types of session-recovery.js. The two files change together.

/** Where a session stands. `suspect` and `offline` are doubts: the user is still signed in. */
export type SessionState = 'starting' | 'ready' | 'suspect' | 'recovering' | 'offline' | 'signed_out';

export type TransitionInput =
  | 'check_healthy'
  | 'check_inconclusive'
  | 'check_unhealthy'
  | 'unreachable'
  | 'recovery_deferred'
  | 'recovery_succeeded'
  | 'recovery_failed'
  | 'session_began'
  | 'session_ended'
  | 'session_refused';

export interface Transition {
  readonly from: SessionState;
  readonly on: TransitionInput;
  readonly to: SessionState;
  readonly emits: 'auth-recovered' | 'session-lost' | null;
}

/** The state machine as data. What has no row is ignored in that state. */
export const transitions: readonly Transition[];

/** Why a check is made. Anything else counts as `other`. */
export type CheckReason =
  | 'new_epoch'
  | 'unauthorized'
  | 'request_failed'
  | 'online'
  | 'visible'
  | 'page_show'
  | 'token_expired'
  | 'token_refused'
  | 'credits'
  | 'sign_in'
  | 'manual'
  | 'other';

/**
 * How a check ended. `superseded`: the session that it was about ended meanwhile and another one began. `unhealthy` also
 * stands for a recovery that failed, or must wait for the end of its cooldown.
 */
export interface CheckResult {
  readonly status: 'healthy' | 'recovered' | 'unhealthy' | 'inconclusive' | 'unreachable' | 'signed_out' | 'superseded';
  readonly state: SessionState;
}

export interface ReadyOutcome {
  readonly state: SessionState;
  /** `timeout` when neither `ready` nor `signed_out` was reached in time; `disposed`; else why the state is what it is. */
  readonly reason: string;
}

interface ReadingDetails {
  /** What is held for work in progress; null when the server did not say. */
  readonly held: number | null;
  /** When the server read the balance, as it wrote it. */
  readonly asOf: string | null;
}

/** A number is there only where one is known. */
export type CreditReading =
  | (ReadingDetails & { readonly status: 'known'; readonly credits: number })
  | (ReadingDetails & { readonly status: 'stale'; readonly credits: number })
  | (ReadingDetails & { readonly status: 'missing' | 'unavailable' | 'unauthenticated'; readonly credits: null });

/** Immutable, and the same object for as long as nothing changes. */
export interface SessionSnapshot {
  readonly state: SessionState;
  readonly reason: string;
  readonly isAuthenticated: boolean;
  readonly credits: CreditReading;
}

export interface SessionEventMap {
  /** After a recovery, and after a check that found all well again. */
  'auth-recovered': CustomEvent<{ readonly reason: string }>;
  /** The authority refused the session for good. Not sent when the user signs out. */
  'session-lost': CustomEvent<{ readonly reason: string }>;
  'credits-changed': CustomEvent<CreditReading>;
  'state-changed': CustomEvent<{ readonly state: SessionState; readonly previous: SessionState; readonly reason: string }>;
}

export interface AccessToken {
  readonly token: string;
  /** Milliseconds since 1970 by this device's clock, or null when that is not known. */
  readonly expiresAt?: number | null;
}

export interface RefreshResult {
  /** Only `refused` is final and signs the user out. */
  readonly outcome: 'refreshed' | 'refused' | 'unavailable';
  /** `network` when the authority could not be reached: then the session is offline. */
  readonly reason?: string;
}

export type AdapterChange = 'signed_in' | 'signed_out' | 'refreshed' | 'refused';

/** What a session needs of the page's own sign-in. Nothing of it is called more often than a request is sent. */
export interface SessionAdapter {
  getAccessToken(): AccessToken | string | null | Promise<AccessToken | string | null>;

  /** @param stale the token that expired or was refused; if there is another by now, the answer is `refreshed` */
  refresh(stale: { readonly token: string | null }): RefreshResult | Promise<RefreshResult>;

  /** @returns a function that ends the subscription */
  onChange?(listener: (change?: { readonly reason?: AdapterChange }) => void): (() => void) | void;

  /**
   * Something that stays the same for an account and differs between accounts; it becomes part of a storage key. Without it
   * the token's `sub` is used, and for a token without one nothing is kept over a reload.
   */
  userKey?(): string | null;

  /** Forgets the tokens. Without it `session.signOut()` ignores the token that the adapter goes on giving. */
  signOut?(): void | Promise<void>;
}

export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Milliseconds since 1970. */
  wallNow(): number;
  setTimeout(callback: () => void, milliseconds: number): unknown;
  clearTimeout(handle: unknown): void;
}

/** All that the module takes from the browser; what is left out comes from there. */
export interface Environment {
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  clock: Clock;
  /** From 0 to below 1. */
  random(): number;
  /** null, or one that throws: memory is used instead. */
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null;
  /** null, as on plain http: a lease in the storage is used instead. */
  locks: Pick<LockManager, 'request'> | null;
  events: {
    readonly window: EventTarget | null;
    readonly document: (EventTarget & { readonly visibilityState: string }) | null;
  };
  /** The page's address; relative addresses are resolved against it when there is no `baseUrl`. */
  href: string | null;
}

/** All in milliseconds but `answeredRetries`. */
export interface SessionTimings {
  /** How long `whenReady()` waits. Default 10,000. */
  readyTimeoutMs?: number;
  /** How long a request of the module's own, or an adapter, may take. Default 10,000. */
  requestTimeoutMs?: number;
  /** How long `fetch` goes on repeating, from its start. Default 30,000. */
  budgetMs?: number;
  /** How often `fetch` repeats after an answer that asks for it. Default 3. */
  answeredRetries?: number;
  /** The first wait after such an answer; it doubles. Default 1,000. */
  answeredRetryMs?: number;
  /** How long after a lost connection the quick tries go on. Default 3,000. */
  fastRetryForMs?: number;
  /** The shortest wait between quick tries. Default 100. */
  fastRetryMinMs?: number;
  /** The longest wait between quick tries. Default 250. */
  fastRetryMaxMs?: number;
  /** The longest wait after the quick tries. Default 30,000. */
  maxRetryMs?: number;
  /** The longest wait that a server is believed to mean. Default 60,000. */
  maxRetryAfterMs?: number;
  /** From the end of a recovery to the next. Default 30,000. */
  cooldownMs?: number;
  /** What the cooldown grows to while recoveries don't help. Default 300,000. */
  maxCooldownMs?: number;
}

export interface SessionOptions extends SessionTimings {
  /** Where the server is; default: the page's origin. Tokens go to this origin only. */
  baseUrl?: string;
  /** The page's sign-in. Without one the host's cookies are the session. */
  adapter?: SessionAdapter | null;
  /** Each starts with '/' and comes after `baseUrl`. */
  paths?: { credits?: string; health?: string; recover?: string; end?: string };
  /** `fetch`'s `credentials` for requests to the server: 'include' for cookies of another origin. */
  credentials?: RequestCredentials;
  environment?: Partial<Environment>;
}

export interface Session extends EventTarget {
  readonly state: SessionState;
  /** Whether somebody is signed in as far as is known; doubt and a lost connection take it from nobody. */
  readonly isAuthenticated: boolean;

  /**
   * `fetch` with the session's token and the balance's floor. Safe methods, and requests with an `Idempotency-Key`, are
   * repeated over a restart of the server; after a 401 any request whose body can be sent twice. Another origin gets nothing.
   */
  readonly fetch: (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>;

  /** Resolves on `ready` or `signed_out`, or with what is so after ten seconds. Never rejects. */
  whenReady(): Promise<ReadyOutcome>;

  /** Never rejects, and never gives a number that stands for an error. */
  getCredits(options?: { refresh?: boolean }): Promise<CreditReading>;
  /** The same, from the store, by a read that begins after this call. */
  refreshCredits(): Promise<CreditReading>;

  /** Bound, as `getSnapshot` is: both can be handed to React's `useSyncExternalStore`. */
  readonly subscribe: (listener: () => void) => () => void;
  readonly getSnapshot: () => SessionSnapshot;

  /** Starts a check, or joins the one that runs. Only an unhealthy session is recovered. Never rejects. */
  triggerRecoveryCheck(reason?: CheckReason | (string & {})): Promise<CheckResult>;

  /** Ends the session here at once, then at the server and the adapter. */
  signOut(): Promise<void>;

  /** Stops all timers and listeners; the session stays as it is. */
  dispose(): void;

  addEventListener<K extends keyof SessionEventMap>(
    type: K, listener: (this: Session, event: SessionEventMap[K]) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof SessionEventMap>(
    type: K, listener: (this: Session, event: SessionEventMap[K]) => void, options?: boolean | EventListenerOptions): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;
}

export function createSession(options?: SessionOptions): Session;

/** What a server said against a request: its problem details, with `status` 0 when there was no answer. */
export interface BearerProblem {
  readonly status: number;
  /** `unreachable`, `superseded` and `malformed` are the adapter's own. */
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: Readonly<Record<string, readonly string[]>>;
  readonly [member: string]: unknown;
}

export type BearerResult =
  | { readonly ok: true; readonly problem?: undefined }
  | { readonly ok: false; readonly problem: BearerProblem };

export interface BearerOptions {
  /** Where login, refresh and register are; default: the page's origin. */
  baseUrl?: string;
  /** Where the tokens are kept: default `localStorage`; `sessionStorage` for this tab only; null for memory. */
  storage?: Environment['storage'];
  /** Defaults: '/login', '/refresh', '/register'. */
  paths?: { login?: string; refresh?: string; register?: string };
  /** Default 10,000. */
  requestTimeoutMs?: number;
  environment?: Partial<Environment>;
}

export interface BearerAdapter extends SessionAdapter {
  getAccessToken(): { readonly token: string; readonly expiresAt: number | null } | null;
  userKey(): string | null;
  refresh(stale?: { readonly token: string | null }): Promise<RefreshResult>;
  /** Also told of what other tabs do. */
  onChange(listener: (change?: { readonly reason?: AdapterChange }) => void): () => void;
  signIn(email: string, password: string): Promise<BearerResult>;
  /** Registers an account and signs in to it. */
  signUp(email: string, password: string): Promise<BearerResult>;
  signOut(): void;
}

export function bearerAdapter(options?: BearerOptions): BearerAdapter;

/** What the adapter uses of a session of `@supabase/supabase-js`. */
export interface SupabaseSessionLike {
  readonly access_token: string;
  readonly refresh_token: string;
  /** Seconds since 1970. */
  readonly expires_at?: number;
}

/** What the adapter uses of a client of `@supabase/supabase-js`, 2.x. */
export interface SupabaseClientLike {
  readonly auth: {
    getSession(): Promise<{ data: { session: SupabaseSessionLike | null }; error: unknown }>;
    refreshSession(current?: { refresh_token: string }): Promise<{ data: { session: SupabaseSessionLike | null }; error: unknown }>;
    signOut(options?: { scope?: 'global' | 'local' | 'others' }): Promise<{ error: unknown }>;
    onAuthStateChange(
      callback: (event: string, session: SupabaseSessionLike | null) => void): { data: { subscription: { unsubscribe(): void } } };
  };
}

/** A storage as Supabase's client takes it: `localStorage`, or one that answers later. */
export interface SupabaseStorageLike {
  getItem(key: string): string | null | Promise<string | null>;
  setItem(key: string, value: string): void | Promise<void>;
  removeItem(key: string): void | Promise<void>;
}

interface SupabaseOptions {
  environment?: Partial<Environment>;
}

export interface SupabaseAdapterOptions extends SupabaseOptions {
  /** Where the client keeps its session; default: what the client says itself. */
  storage?: SupabaseStorageLike;
  storageKey?: string;
}

export interface SupabaseFetchOptions extends SupabaseOptions {
  /** What sends the requests; default: the browser's `fetch`. */
  fetch?: typeof fetch;
  /** The client's option `auth.storage`, when it has one; default: `localStorage`. */
  storage?: SupabaseStorageLike;
  /** The client's option `auth.storageKey`, when it has one. */
  storageKey?: string;
}

export interface SupabaseAdapter extends SessionAdapter {
  getAccessToken(): Promise<{ readonly token: string; readonly expiresAt: number | null } | null>;
  refresh(stale?: { readonly token: string | null }): Promise<RefreshResult>;
  /** Also told of what other tabs do. */
  onChange(listener: (change?: { readonly reason?: AdapterChange }) => void): () => void;
  /** Ends the session on this device at once, whatever the network does, and then at Supabase (scope `local`). */
  signOut(): Promise<void>;
}

/**
 * Follows the page's own client: it goes on signing in, keeping the session and refreshing. The adapter guards the client's
 * refreshes (one per browser, and only a final refusal ends a session), so make it right after the client.
 */
export function supabaseAdapter(client: SupabaseClientLike, options?: SupabaseAdapterOptions): SupabaseAdapter;

/** The same guard for the client's option `global.fetch`: it stands from the client's first request on, adapter or not. */
export function supabaseFetch(options?: SupabaseFetchOptions): typeof fetch;

/** `<credit-balance>`: shows the page's newest session's balance, or that of the session set here. */
export class CreditBalanceElement extends HTMLElement {
  static readonly observedAttributes: string[];
  get session(): Session | null;
  set session(session: Session | null);
  connectedCallback(): void;
  disconnectedCallback(): void;
  attributeChangedCallback(): void;
}

declare global {
  interface HTMLElementTagNameMap {
    'credit-balance': CreditBalanceElement;
  }
}

export {};
