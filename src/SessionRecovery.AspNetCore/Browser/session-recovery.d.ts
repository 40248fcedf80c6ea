// The public types of session-recovery.js. A test compiles the implementation against them.

/**
 * The state of a session. The user is signed in in all states but `starting` and `signed_out`.
 *
 * - `starting`: the first check of this user has not finished.
 * - `ready`: the last check found the session healthy.
 * - `suspect`: a check gave no clear result, or a recovery failed, or no response has arrived for a while. The next check is scheduled.
 * - `recovering`: a recovery is running.
 * - `offline`: the server, or the token verifier, cannot be reached, or a proxy responds in place of the server. The next check is
 *   scheduled.
 * - `signed_out`: no user is signed in.
 */
export type SessionState = 'starting' | 'ready' | 'suspect' | 'recovering' | 'offline' | 'signed_out';

/** The inputs of the state machine. */
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

/** One row of the state machine. */
export interface Transition {
  /** The state before. */
  readonly from: SessionState;
  /** The input. */
  readonly on: TransitionInput;
  /** The state after. */
  readonly to: SessionState;
  /** The event that the session dispatches besides `state-changed`, or null. */
  readonly emits: 'auth-recovered' | 'session-lost' | null;
}

/** All transitions of the state machine. An input without a row is ignored in that state. */
export const transitions: readonly Transition[];

/** The reason for a check. The server's metrics count recoveries by reason; any other text counts as `other`. */
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

/** The result of a check, including the recovery that it may have started. */
export interface CheckResult {
  /**
   * No recovery starts during the cooldown: a check of an unhealthy session then returns the result of the last recovery.
   *
   * - `healthy`: the session works.
   * - `recovered`: the session was unhealthy, and a recovery succeeded.
   * - `unhealthy`: the session was unhealthy, and a recovery failed.
   * - `inconclusive`: the server or the adapter gave no clear result, or the session is disposed.
   * - `unreachable`: the server or the token verifier could not be reached.
   * - `signed_out`: no user is signed in.
   * - `superseded`: the session ended during the check, and another one began.
   */
  readonly status: 'healthy' | 'recovered' | 'unhealthy' | 'inconclusive' | 'unreachable' | 'signed_out' | 'superseded';
  /** The state of the session after the check. */
  readonly state: SessionState;
}

/** The result of `whenReady()`. */
export interface ReadyOutcome {
  /** The state of the session when the promise resolved. */
  readonly state: SessionState;
  /** `timeout` if neither `ready` nor `signed_out` was reached in time, `disposed`, or the reason for the state. */
  readonly reason: string;
}

interface CreditReadingDetails {
  /** The credits held by open reservations; null if the server did not send them. */
  readonly held: number | null;
  /** The time at which the server read the balance, in ISO 8601 and by the server's clock; null if unknown. */
  readonly asOf: string | null;
}

/**
 * The result of reading the balance. `credits` is a number only if a balance is known, and null otherwise. 0 always means a
 * balance of 0.
 *
 * - `known`: the present balance.
 * - `stale`: the last known balance, which cannot be confirmed at the moment.
 * - `missing`: the user has no account.
 * - `unavailable`: no balance is known.
 * - `unauthenticated`: no user is signed in, or the server rejected the token.
 */
export type CreditReading =
  | (CreditReadingDetails & { readonly status: 'known'; readonly credits: number })
  | (CreditReadingDetails & { readonly status: 'stale'; readonly credits: number })
  | (CreditReadingDetails & { readonly status: 'missing' | 'unavailable' | 'unauthenticated'; readonly credits: null });

/** The part of a session that a page shows. Immutable, and the same object until a value in it changes. */
export interface SessionSnapshot {
  /** The state of the session. */
  readonly state: SessionState;
  /**
   * The reason for the state, such as `healthy`, `unreachable`, `http_503` or `sign_in_required`; for a lost session, the code with which
   * the token verifier refused the token. Intended for logs; new reasons can be added.
   */
  readonly reason: string;
  /** Whether a user is signed in. */
  readonly isAuthenticated: boolean;
  /** The latest balance. */
  readonly credits: CreditReading;
}

/** The events of a session. */
export interface SessionEventMap {
  /** The session is ready after a recovery, or after a check that found a suspect or offline session healthy again. */
  'auth-recovered': CustomEvent<{ readonly reason: string }>;
  /**
   * The token verifier refused the session for good, and the user must sign in again. Not dispatched when the user signs out. The reason is
   * the token verifier's code, such as `invalid_grant`, `session_not_found`, `no_user_id` or `refused`; the snapshot contains the same
   * reason.
   */
  'session-lost': CustomEvent<{ readonly reason: string }>;
  /**
   * A sign-in page, such as that of an access proxy or a captive portal, responds in place of the server. The session is kept as `suspect`,
   * and the checks continue. The user opens the sign-in page by loading an address of the server in a tab. The event is dispatched once,
   * and again only after a check that the sign-in page did not respond to. `redirected`: the module's requests are redirected; `html`: they
   * receive an HTML page.
   */
  'sign-in-required': CustomEvent<{ readonly reason: 'redirected' | 'html' }>;
  /** The balance, its status, or its details changed. */
  'credits-changed': CustomEvent<CreditReading>;
  /** The state changed. */
  'state-changed': CustomEvent<{ readonly state: SessionState; readonly previous: SessionState; readonly reason: string }>;
}

/** An access token of the signed-in user. */
export interface AccessToken {
  /** The token without the scheme `Bearer`. */
  readonly token: string;
  /** The expiry in milliseconds since 1970, by this device's clock; null or missing if unknown. */
  readonly expiresAt?: number | null;
}

/** The result of refreshing the access token. */
export interface RefreshResult {
  /** `refreshed`: there is a new token. `refused`: final, the user is signed out. `unavailable`: transient, the user remains signed in. */
  readonly outcome: 'refreshed' | 'refused' | 'unavailable';
  /** The reason, for logs. `network` means that the token verifier could not be reached, and makes the session offline. */
  readonly reason?: string;
}

/** The kind of change in an adapter. `refused` means that the session ended because the token verifier refused it for good. */
export type AdapterChange = 'signed_in' | 'signed_out' | 'refreshed' | 'refused';

/** A change of an adapter. */
export interface AdapterNotice {
  /** The kind of change. */
  readonly reason?: AdapterChange;
  /** With `refused`: the code of the token verifier, for the event `session-lost`. */
  readonly cause?: string;
}

/** Connects a session with the sign-in of the page. A session calls it at most a few times per request, and never polls it. */
export interface SessionAdapter {
  /** Gets the access token of the signed-in user, or null. A token that is no header value counts as null. */
  getAccessToken(): AccessToken | string | null | Promise<AccessToken | string | null>;

  /**
   * Refreshes the access token. The session calls it in one tab at a time.
   *
   * @param stale the token that expired or was rejected; if the adapter has another token by now, the outcome is `refreshed`
   */
  refresh(stale: { readonly token: string | null }): RefreshResult | Promise<RefreshResult>;

  /**
   * Subscribes to changes, including those of other tabs. Without this method, the session notices a change only at the next request or
   * check.
   *
   * @returns a function that ends the subscription
   */
  onChange?(listener: (change?: AdapterNotice) => void): (() => void) | void;

  /**
   * Gets a key that is constant for an account and differs between accounts. The key becomes part of a storage key. Without this method,
   * the token's claim `sub` is used. If the token has no such claim either, the balance is not stored, and a new token counts as the token
   * of another user.
   */
  userKey?(): string | null;

  /** Removes the tokens. Without this method, the adapter keeps its token after `session.signOut()`, and the session ignores that token. */
  signOut?(): void | Promise<void>;
}

/** A clock and its timers. */
export interface Clock {
  /** Gets monotonic milliseconds. */
  now(): number;
  /** Gets milliseconds since 1970. */
  wallNow(): number;
  /** Calls the callback once after the delay, and returns a handle for `clearTimeout`. */
  setTimeout(callback: () => void, milliseconds: number): unknown;
  /** Cancels a timer. A handle that is null or expired is ignored. */
  clearTimeout(handle: unknown): void;
}

/** The browser features that the module uses. The default of each member is the browser's own implementation. */
export interface Environment {
  /**
   * Sends a request. The default is the `fetch` that the page has when the session is created, so the page may then assign `session.fetch`
   * to `window.fetch`.
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  /** The clock. */
  clock: Clock;
  /** Gets a random number from 0 (inclusive) to 1 (exclusive). */
  random(): number;
  /** The storage that the tabs share. With null, or if it throws, values are stored in memory. */
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null;
  /** The Web Locks API. If it is null, as on a page served over plain http, the module uses a lease in the storage instead. */
  locks: Pick<LockManager, 'request'> | null;
  /** The sources of the events `online`, `pageshow`, `storage` and `visibilitychange`. */
  events: {
    /** The window, or null. */
    readonly window: EventTarget | null;
    /** The document, or null. */
    readonly document: (EventTarget & { readonly visibilityState: string }) | null;
  };
  /** Creates a `BroadcastChannel` for messages between tabs. Null outside a page. */
  createChannel: ((name: string) => Pick<BroadcastChannel, 'postMessage' | 'close' | 'addEventListener'>) | null;
  /** The address against which relative addresses are resolved: the document's base address. Null outside a page. */
  href: string | null;
}

/** Times and limits of a session, in milliseconds except `answeredRetries`. */
export interface SessionTimings {
  /** The maximum time for which `whenReady()` waits. Default 10,000. */
  readyTimeoutMs?: number;
  /**
   * The timeout of the module's own requests and of each call to the adapter. Also the time after which `session.fetch` checks the server
   * if no response headers have arrived. Default 10,000.
   */
  requestTimeoutMs?: number;
  /**
   * The time for which `session.fetch` repeats a request, counted from the loss of the connection, or from the first response that requests
   * a retry. Default 30,000.
   */
  budgetMs?: number;
  /** The number of times that `session.fetch` repeats a request after responses that request a retry. Default 3. */
  answeredRetries?: number;
  /**
   * The delay before the first repeat after a response that requests a retry, and before the check that follows an inconclusive check. It
   * doubles with each repeat. Default 1,000.
   */
  answeredRetryMs?: number;
  /** The time for which fast retries continue after a lost connection. Default 3,000. */
  fastRetryForMs?: number;
  /** The shortest delay of fast retries. Default 100. */
  fastRetryMinMs?: number;
  /** The longest delay of fast retries. Default 250. */
  fastRetryMaxMs?: number;
  /** The longest delay after the fast retries. The delays start at 500 and double. Default 30,000. */
  maxRetryMs?: number;
  /** The longest accepted `Retry-After`, and the longest delay after an inconclusive check. Default 60,000. */
  maxRetryAfterMs?: number;
  /** The minimum time between the end of one recovery and the start of the next. Default 30,000. */
  cooldownMs?: number;
  /** The longest cooldown. The cooldown doubles while recoveries do not help. Default 300,000. */
  maxCooldownMs?: number;
}

/** The options of `createSession`. */
export interface SessionOptions extends SessionTimings {
  /**
   * The address of the server, absolute or relative to the page. Tokens are sent only to its origin. Default: the application that
   * served the module; for a bundled module the root of the page's origin. Outside a page it is required.
   */
  baseUrl?: string;
  /** The adapter for the page's sign-in. Default null: the host signs users in with cookies. */
  adapter?: SessionAdapter | null;
  /**
   * Paths below `baseUrl`; each starts with '/'. Defaults: '/auth/credits', '/session/health', '/session/recover',
   * '/session/end'.
   */
  paths?: { credits?: string; health?: string; recover?: string; end?: string };
  /** The `credentials` of requests to the server. Use 'include' for cookies of another origin. Default: the browser's, 'same-origin'. */
  credentials?: RequestCredentials;
  /** Replacements for parts of the browser, for tests and unusual hosts. */
  environment?: Partial<Environment>;
}

/** A session of the user who is signed in at a server. */
export interface Session extends EventTarget {
  /** The state of the session. */
  readonly state: SessionState;
  /** Whether a user is signed in. A suspect or offline session counts as signed in. */
  readonly isAuthenticated: boolean;

  /**
   * Sends a request as `fetch` does, with the session's token. Relative addresses resolve against the page. Requests with a safe
   * method or an `Idempotency-Key` are repeated after a lost connection, after a response of a proxy that cannot reach the server, after
   * 502, 503 and 504, after 429 with `Retry-After`, and after 409 `in_progress` for as long as the caller waits. After a 401 any
   * request whose body can be sent twice is repeated once, if the session works again. A request to another origin than that of
   * `baseUrl` is passed to `fetch`. The function needs no `this`, so it may be assigned to `window.fetch`.
   */
  readonly fetch: (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>;

  /** Resolves when the state is `ready` or `signed_out`, and after `readyTimeoutMs` at the latest. Never rejects. */
  whenReady(): Promise<ReadyOutcome>;

  /**
   * Reads the balance. Concurrent reads share one request. Never rejects.
   *
   * @param options `refresh` makes the server read its store; default false
   */
  getCredits(options?: { refresh?: boolean }): Promise<CreditReading>;
  /** Reads the balance from the store, by a request that starts after this call. Never rejects. */
  refreshCredits(): Promise<CreditReading>;

  /**
   * Subscribes to changes of the snapshot, and returns a function that ends the subscription. The function needs no `this`, as React's
   * `useSyncExternalStore` requires.
   */
  readonly subscribe: (listener: () => void) => () => void;
  /** Gets the present snapshot. The function needs no `this`, as React's `useSyncExternalStore` requires. */
  readonly getSnapshot: () => SessionSnapshot;
  /** Gets the snapshot for rendering on a server and for hydration: `starting`, with no user. The function needs no `this`. */
  readonly getServerSnapshot: () => SessionSnapshot;

  /**
   * Starts a check, or joins the running one. Only an unhealthy session is recovered. Never rejects.
   *
   * @param reason default `manual`; with cookies, `sign_in` reports that the user signed in
   */
  triggerRecoveryCheck(reason?: CheckReason | (string & {})): Promise<CheckResult>;

  /** Ends the session in this page at once, and then at the server and at the adapter. Never rejects. */
  signOut(): Promise<void>;

  /** Stops all timers, subscriptions and running requests of the module. The state does not change any more. */
  dispose(): void;

  addEventListener<K extends keyof SessionEventMap>(
    type: K, listener: (this: Session, event: SessionEventMap[K]) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof SessionEventMap>(
    type: K, listener: (this: Session, event: SessionEventMap[K]) => void, options?: boolean | EventListenerOptions): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;
}

/**
 * Creates a session, which keeps the user signed in across restarts of the server, and starts its first check.
 *
 * @throws TypeError if no http or https address of a server is known, or a path does not start with '/'
 * @example
 * const session = createSession({ adapter: bearerAdapter() });
 * const response = await session.fetch('/api/tracks');
 */
export function createSession(options?: SessionOptions): Session;

/** The problem details of a failed request. `status` is 0 if there was no response. */
export interface BearerProblem {
  /** The HTTP status. */
  readonly status: number;
  /**
   * The code that the server sent, or a code of the adapter: `unreachable`, `superseded` (by a later sign-in or sign-out) or `malformed`.
   */
  readonly code?: string;
  /** A short description. */
  readonly title?: string;
  /** A longer description. ASP.NET Core Identity sends codes such as `LockedOut` in this member. */
  readonly detail?: string;
  /** The validation errors by member. */
  readonly errors?: Readonly<Record<string, readonly string[]>>;
  /** Any other member that the server sent. */
  readonly [member: string]: unknown;
}

/** The result of a sign-in or registration. */
export type BearerResult =
  | { readonly ok: true; readonly problem?: undefined }
  | { readonly ok: false; readonly problem: BearerProblem };

/** The options of `bearerAdapter`. */
export interface BearerOptions {
  /** The address of the server with the endpoints. Default: as for a session. */
  baseUrl?: string;
  /** The storage of the tokens: `sessionStorage` for one tab, null for memory. Default: `localStorage`. */
  storage?: Environment['storage'];
  /** Paths below `baseUrl`. Defaults: '/login', '/refresh', '/register'. */
  paths?: { login?: string; refresh?: string; register?: string };
  /** The timeout of each request, in milliseconds. Default 10,000. */
  requestTimeoutMs?: number;
  /** Replacements for parts of the browser, for tests and unusual hosts. */
  environment?: Partial<Environment>;
}

/** An adapter for bearer endpoints, which also signs in and registers. */
export interface BearerAdapter extends SessionAdapter {
  /** Gets the stored access token, or null. */
  getAccessToken(): { readonly token: string; readonly expiresAt: number | null } | null;
  /** Gets a random key that is created with each sign-in, or null. */
  userKey(): string | null;
  /**
   * Refreshes the tokens. Concurrent calls share one request, in all tabs. A 401 is final, and so is `invalid_grant` with 400 or 403. If
   * the response to the previous refresh was lost, only a second such refusal, at least five seconds later, is final. Never rejects.
   */
  refresh(stale?: { readonly token: string | null }): Promise<RefreshResult>;
  /** Subscribes to changes of this tab and of other tabs. Returns a function that ends the subscription. */
  onChange(listener: (change?: AdapterNotice) => void): () => void;
  /** Signs in and stores the tokens. Never rejects. */
  signIn(email: string, password: string): Promise<BearerResult>;
  /** Registers an account and signs in to it. Never rejects. */
  signUp(email: string, password: string): Promise<BearerResult>;
  /** Removes the tokens. */
  signOut(): void;
}

/**
 * Creates an adapter for bearer endpoints, such as those of ASP.NET Core Identity.
 *
 * @throws TypeError if no http or https address of a server is known
 */
export function bearerAdapter(options?: BearerOptions): BearerAdapter;

/** The members of a session of `@supabase/supabase-js` that the adapter uses. */
export interface SupabaseSessionLike {
  /** The access token. */
  readonly access_token: string;
  /** The refresh token. */
  readonly refresh_token: string;
  /** The expiry in seconds since 1970. */
  readonly expires_at?: number;
}

/** The members of a client of `@supabase/supabase-js` 2.x that the adapter uses. */
export interface SupabaseClientLike {
  readonly auth: {
    getSession(): Promise<{ data: { session: SupabaseSessionLike | null }; error: unknown }>;
    refreshSession(current?: { refresh_token: string }): Promise<{ data: { session: SupabaseSessionLike | null }; error: unknown }>;
    signOut(options?: { scope?: 'global' | 'local' | 'others' }): Promise<{ error: unknown }>;
    onAuthStateChange(
      callback: (event: string, session: SupabaseSessionLike | null) => void): { data: { subscription: { unsubscribe(): void } } };
  };
}

/** The storage in which Supabase's client keeps its session: `localStorage`, or an asynchronous storage. */
export interface SupabaseStorageLike {
  getItem(key: string): string | null | Promise<string | null>;
  setItem(key: string, value: string): void | Promise<void>;
  removeItem(key: string): void | Promise<void>;
}

/** The options of `supabaseAdapter`. */
export interface SupabaseAdapterOptions {
  /** The client's option `auth.storage`. Default: the storage that the client exposes. */
  storage?: SupabaseStorageLike;
  /** The client's option `auth.storageKey`. Default: the key that the client exposes. */
  storageKey?: string;
  /** Replacements for parts of the browser, for tests and unusual hosts. */
  environment?: Partial<Environment>;
}

/** The options of `supabaseFetch`. */
export interface SupabaseFetchOptions {
  /** Sends the requests. Default: the browser's `fetch`. */
  fetch?: typeof fetch;
  /** The client's option `auth.storage`, if it is set. Default: `localStorage`. */
  storage?: SupabaseStorageLike;
  /** The client's option `auth.storageKey`, if it is set. Default: the client's own default for its address. */
  storageKey?: string;
  /** Replacements for parts of the browser, for tests and unusual hosts. */
  environment?: Partial<Environment>;
}

/** An adapter for a client of `@supabase/supabase-js`. The client itself signs in. */
export interface SupabaseAdapter extends SessionAdapter {
  /** Gets the access token from the client's storage, or null. */
  getAccessToken(): Promise<{ readonly token: string; readonly expiresAt: number | null } | null>;
  /** Refreshes the session through the client. Resolves with the first transient failure, while the client still retries. */
  refresh(stale?: { readonly token: string | null }): Promise<RefreshResult>;
  /** Subscribes to changes of this tab and of other tabs. Returns a function that ends the subscription. */
  onChange(listener: (change?: AdapterNotice) => void): () => void;
  /** Ends the session on this device, also without a network, and then at Supabase (scope `local`). */
  signOut(): Promise<void>;
}

/**
 * Creates an adapter for the page's Supabase client. The client continues to sign in, and to store and refresh the session. The adapter
 * guards the client's refreshes: only one tab of a browser refreshes at a time, and only a final failure ends a session. Create the adapter
 * right after the client.
 */
export function supabaseAdapter(client: SupabaseClientLike, options?: SupabaseAdapterOptions): SupabaseAdapter;

/**
 * Creates a `fetch` for the client's option `global.fetch`, with the same guard as `supabaseAdapter`. It guards all refreshes from the
 * client's first request on, with or without an adapter.
 */
export function supabaseFetch(options?: SupabaseFetchOptions): typeof fetch;

/**
 * The element `<credit-balance>`, which shows the balance of the page's newest session.
 *
 * Attributes: `label` (default "Credits"), `unknown-label` (default "unknown"), `stale-label` (default "last known value").
 * The element sets the attribute `stale` while the balance is stale. Shadow parts: `value` and `stale` (a mark).
 */
export class CreditBalanceElement extends HTMLElement {
  static readonly observedAttributes: string[];
  /** Gets or sets the session that is shown. Null selects the newest session of the page. */
  get session(): Session | null;
  set session(session: Session | null);
  connectedCallback(): void;
  disconnectedCallback(): void;
  attributeChangedCallback(): void;
}

/** The attributes of `<credit-balance>` in JSX, besides those of every element. */
export interface CreditBalanceAttributes {
  /** The name of the number, for screen readers. */
  label?: string | undefined;
  /** The text for an unknown balance, for screen readers. */
  'unknown-label'?: string | undefined;
  /** The text for a stale balance, for screen readers. */
  'stale-label'?: string | undefined;
  /** The session that is shown; React 19 sets it as a property. */
  session?: Session | null | undefined;
  [attribute: string]: unknown;
}

declare global {
  interface HTMLElementTagNameMap {
    'credit-balance': CreditBalanceElement;
  }

  namespace JSX {
    interface IntrinsicElements {
      'credit-balance': CreditBalanceAttributes;
    }
  }
}

// React 19 reads the JSX types of elements from its own module. TypeScript reports an error in a project without React, which has no such
// module.
// @ts-ignore
declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'credit-balance': CreditBalanceAttributes;
    }
  }
}

export {};
