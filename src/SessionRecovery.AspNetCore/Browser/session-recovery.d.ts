// The public types of session-recovery.js. A test compiles the implementation against these types.

/**
 * The state of a session. A user is signed in in every state except `starting` and `signed_out`.
 *
 * - `starting`: the first check for this user has not finished.
 * - `ready`: the last check found the session healthy.
 * - `suspect`: a check was inconclusive, a recovery failed, or no response has arrived for some time. The next check is scheduled.
 * - `recovering`: a recovery is running.
 * - `offline`: the server or the token verifier cannot be reached, or a proxy responds in place of the server. The next check is scheduled.
 * - `signed_out`: no user is signed in.
 */
export type SessionState = 'starting' | 'ready' | 'suspect' | 'recovering' | 'offline' | 'signed_out';

/** The inputs of the session's state machine. */
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

/** One transition of the session's state machine. */
export interface Transition {
  /** The state before the transition. */
  readonly from: SessionState;
  /** The input that causes the transition. */
  readonly on: TransitionInput;
  /** The state after the transition. */
  readonly to: SessionState;
  /** The event that the session dispatches in addition to `state-changed`, or null. */
  readonly emits: 'auth-recovered' | 'session-lost' | null;
}

/** All transitions of the state machine. If a state has no transition for an input, the input is ignored. */
export const transitions: readonly Transition[];

/** The reason for a check. The server's metrics count recoveries by this reason, and count any other text as `other`. */
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

/** The result of a check. If the check started a recovery, the result includes the result of the recovery. */
export interface CheckResult {
  /**
   * The outcome of the check. During the cooldown, a check of an unhealthy session starts no recovery and returns the outcome of the last
   * recovery.
   *
   * - `healthy`: the session is valid.
   * - `recovered`: the session was unhealthy, and a recovery succeeded.
   * - `unhealthy`: the session was unhealthy, and the recovery failed.
   * - `inconclusive`: the responses of the server or the adapter do not show whether the session is healthy, or the session was disposed.
   * - `unreachable`: the server or the token verifier could not be reached.
   * - `signed_out`: no user is signed in.
   * - `superseded`: the session ended during the check, and another session began.
   */
  readonly status: 'healthy' | 'recovered' | 'unhealthy' | 'inconclusive' | 'unreachable' | 'signed_out' | 'superseded';
  /** The state of the session after the check. */
  readonly state: SessionState;
}

/** The result of `whenReady()`. */
export interface ReadyOutcome {
  /** The state of the session when the promise resolved. */
  readonly state: SessionState;
  /**
   * The reason for the state. The value is `timeout` if the session reached neither `ready` nor `signed_out` within the time limit, and
   * `disposed` if the session was disposed.
   */
  readonly reason: string;
}

interface CreditReadingDetails {
  /** The credits held by open reservations, or null if the server did not send them. */
  readonly held: number | null;
  /**
   * The time at which the server read the balance, as an ISO 8601 text from the server's clock. The value is null if the time is unknown.
   */
  readonly asOf: string | null;
}

/**
 * The result of reading the balance. The member `credits` is a number if a balance is known, and null in all other cases. The number 0
 * always means a balance of 0.
 *
 * - `known`: the result contains the current balance.
 * - `stale`: the result contains the last known balance, which cannot be confirmed at the moment.
 * - `missing`: the user has no account.
 * - `unavailable`: no balance is known.
 * - `unauthenticated`: no user is signed in, or the server rejected the token.
 */
export type CreditReading =
  | (CreditReadingDetails & { readonly status: 'known'; readonly credits: number })
  | (CreditReadingDetails & { readonly status: 'stale'; readonly credits: number })
  | (CreditReadingDetails & { readonly status: 'missing' | 'unavailable' | 'unauthenticated'; readonly credits: null });

/** One entry of the user's credit history. */
export interface CreditHistoryEntry {
  /** The version of the account after the entry. The version identifies the entry. */
  readonly version: number;
  /**
   * The kind of the entry: `init`, `grant`, `consume`, `refund`, `capture`, `hold`, `release`, `expire` or `adjust`. Later versions may add
   * new kinds.
   */
  readonly kind: string;
  /** The change of the balance, which is 0 for an entry that only holds or returns credits. */
  readonly amount: number;
  /** The change of the held credits. */
  readonly held: number;
  /** The balance after the entry, including held credits. */
  readonly balance: number;
  /** The text of the host that explains the entry, or null. */
  readonly reason: string | null;
  /** The `Idempotency-Key` of the user's request that caused the entry, or null. */
  readonly request: string | null;
  /** The time of the entry, as an ISO 8601 text. */
  readonly createdAt: string;
}

/** A page of the user's credit history, with the newest entry first. */
export interface CreditHistoryPage {
  /** The status of the read: `known`, or the reason why the result contains no entries. */
  readonly status: 'known' | 'unavailable' | 'unauthenticated';
  readonly entries: readonly CreditHistoryEntry[];
  /** The value of `before` for the next page, or null if there are no older entries. */
  readonly nextBefore: number | null;
  /** A signal that is aborted when the user signs out or another user signs in. After that, the web page must not show the entries. */
  readonly signal: AbortSignal;
}

/**
 * The values of a session that a page displays. A snapshot is immutable. `getSnapshot` returns the same object until one of these values
 * changes.
 */
export interface SessionSnapshot {
  /** The state of the session. */
  readonly state: SessionState;
  /**
   * The reason for the state, such as `healthy`, `unreachable`, `http_503` or `sign_in_required`. After the loss of a session, the reason
   * is the code with which the token verifier rejected the token. The reason is intended for logs, and later versions may add new reasons.
   */
  readonly reason: string;
  /** Indicates whether a user is signed in. */
  readonly isAuthenticated: boolean;
  /** The latest balance of the user. */
  readonly credits: CreditReading;
}

/** The events of a session. */
export interface SessionEventMap {
  /** The session is ready after a recovery, or after a check that found a session in the state `suspect` or `offline` healthy again. */
  'auth-recovered': CustomEvent<{ readonly reason: string }>;
  /**
   * The token verifier rejected the session permanently, and the user must sign in again. The event is not dispatched when the user signs
   * out. The reason is the token verifier's code, such as `invalid_grant`, `session_not_found`, `no_user_id` or `refused`. The snapshot
   * contains the same reason.
   */
  'session-lost': CustomEvent<{ readonly reason: string }>;
  /**
   * A sign-in page responds in place of the server, for example the sign-in page of an access proxy or a captive portal. The session stays
   * `suspect`, and the checks continue. To open the sign-in page, the user loads a URL of the server in a tab. The event is not dispatched
   * again until a check has received a response that was not a sign-in page. The reason is `redirected` if the module's requests are
   * redirected, and `html` if they receive an HTML page.
   */
  'sign-in-required': CustomEvent<{ readonly reason: 'redirected' | 'html' }>;
  /** The balance, its status or its details changed. */
  'credits-changed': CustomEvent<CreditReading>;
  /** The state of the session changed. */
  'state-changed': CustomEvent<{ readonly state: SessionState; readonly previous: SessionState; readonly reason: string }>;
}

/** An access token of the signed-in user. */
export interface AccessToken {
  /** The access token without the prefix `Bearer`. */
  readonly token: string;
  /** The expiry in milliseconds since 1970 on this device's clock. The value is null or missing if the expiry is unknown. */
  readonly expiresAt?: number | null;
}

/** The result of refreshing the access token. */
export interface RefreshResult {
  /**
   * The outcome is `refreshed` if there is a new token. The outcome `refused` is final and signs the user out. The outcome `unavailable` is
   * transient, and the user stays signed in.
   */
  readonly outcome: 'refreshed' | 'refused' | 'unavailable';
  /**
   * The reason for the outcome, which is written to logs. The reason `network` means that the token verifier could not be reached. With
   * this reason, the session becomes `offline`.
   */
  readonly reason?: string;
}

/**
 * The kind of change that an adapter reports. `refused` means that the session ended because the token verifier rejected it permanently.
 */
export type AdapterChange = 'signed_in' | 'signed_out' | 'refreshed' | 'refused';

/** A change that an adapter reports to its session. */
export interface AdapterNotice {
  /** The kind of change. */
  readonly reason?: AdapterChange;
  /** If the reason is `refused`, the code of the token verifier for the event `session-lost`. */
  readonly cause?: string;
}

/** Connects a session to the sign-in of the page. A session calls the adapter at most a few times per request, and never polls it. */
export interface SessionAdapter {
  /** Gets the access token of the signed-in user, or null. A token that is not a valid header value is treated as null. */
  getAccessToken(): AccessToken | string | null | Promise<AccessToken | string | null>;

  /**
   * Refreshes the access token. The session calls this method in only one tab at a time.
   *
   * @param stale the token that expired or was rejected. If the adapter already has another token, the outcome is `refreshed`.
   */
  refresh(stale: { readonly token: string | null }): RefreshResult | Promise<RefreshResult>;

  /**
   * Subscribes to changes, including changes in other tabs. Without this method, the session notices a change only at the next request or
   * check.
   *
   * @returns a function that ends the subscription
   */
  onChange?(listener: (change?: AdapterNotice) => void): (() => void) | void;

  /**
   * Gets a key that is constant for an account and differs between accounts. The key becomes part of a storage key. If an adapter does not
   * have this method, the claim `sub` of the token is used. If the token has no such claim, the balance is not stored, and a new token is
   * treated as the token of another user.
   */
  userKey?(): string | null;

  /**
   * Removes the tokens. If an adapter does not have this method, the adapter keeps its token after `session.signOut()`, and the session
   * ignores the token.
   */
  signOut?(): void | Promise<void>;
}

/** A clock with timers. */
export interface Clock {
  /** Gets the time of a monotonic clock in milliseconds. */
  now(): number;
  /** Gets the current time in milliseconds since 1970. */
  wallNow(): number;
  /** Calls the callback once after the delay, and returns a handle for `clearTimeout`. */
  setTimeout(callback: () => void, milliseconds: number): unknown;
  /** Cancels a timer. The call has no effect if the handle is null or the timer has expired. */
  clearTimeout(handle: unknown): void;
}

/** The browser features that the module uses. By default, each member is the implementation of the browser. */
export interface Environment {
  /**
   * Sends a request. The default is the `fetch` function that the page has when the session is created. If the page assigns `session.fetch`
   * to `window.fetch` later, the module continues to use the earlier function.
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  /** The clock of the environment. */
  clock: Clock;
  /** Gets a random number from 0 (inclusive) to 1 (exclusive). */
  random(): number;
  /** The storage that the tabs share. If the storage is null or throws an error, values are kept in memory. */
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null;
  /**
   * The Web Locks API. If the value is null, as on a page that is served over plain http, the module uses a lease in the storage instead.
   */
  locks: Pick<LockManager, 'request'> | null;
  /** The sources of the events `online`, `pageshow`, `storage` and `visibilitychange`. */
  events: {
    /** The window object, or null. */
    readonly window: EventTarget | null;
    /** The document object, or null. */
    readonly document: (EventTarget & { readonly visibilityState: string }) | null;
  };
  /** Creates a `BroadcastChannel` for messages between tabs. The value is null outside a page. */
  createChannel: ((name: string) => Pick<BroadcastChannel, 'postMessage' | 'close' | 'addEventListener'>) | null;
  /** The base URL of the document, against which relative URLs are resolved. The value is null outside a page. */
  href: string | null;
}

/** Times and limits of a session. All values are in milliseconds except `answeredRetries`. */
export interface SessionTimings {
  /** The maximum time in milliseconds that `whenReady()` waits. The default is 10,000. */
  readyTimeoutMs?: number;
  /**
   * The timeout of the module's own requests and of each call to the adapter. If `session.fetch` receives no response headers within this
   * time, it checks the session. The default is 10,000.
   */
  requestTimeoutMs?: number;
  /**
   * The maximum time for which `session.fetch` repeats a request. The time is counted from the loss of the connection, or from the first
   * response that requests a retry. The default is 30,000.
   */
  budgetMs?: number;
  /** The maximum number of times that `session.fetch` repeats a request after responses that request a retry. The default is 3. */
  answeredRetries?: number;
  /**
   * The delay before the first repeat after a response that requests a retry, and before the next check after an inconclusive check. The
   * delay doubles with each repeat. The default is 1,000.
   */
  answeredRetryMs?: number;
  /** The time for which the retries after a lost connection are fast. The default is 3,000. */
  fastRetryForMs?: number;
  /** The minimum delay of fast retries. The default is 100. */
  fastRetryMinMs?: number;
  /** The maximum delay of fast retries. The default is 250. */
  fastRetryMaxMs?: number;
  /** The maximum delay after the fast retries have ended. The delays start at 500 and double. The default is 30,000. */
  maxRetryMs?: number;
  /**
   * The maximum value of `Retry-After` that is accepted, and the maximum delay after an inconclusive check, in milliseconds. The default is
   * 60,000.
   */
  maxRetryAfterMs?: number;
  /** The minimum time between the end of one recovery and the start of the next. The default is 30,000. */
  cooldownMs?: number;
  /** The maximum cooldown. The cooldown doubles while recoveries fail to make the session healthy. The default is 300,000. */
  maxCooldownMs?: number;
  /**
   * The time without a response of the server after which a visible page checks a session in the state `ready` or `offline`. With such
   * checks, a page that
   * sends no requests soon detects an outage and its end. The value 0 disables these checks. The default is 0.
   */
  idleCheckMs?: number;
}

/** The options of `createSession`. */
export interface SessionOptions extends SessionTimings {
  /**
   * The URL of the server, absolute or relative to the page. Tokens are sent only to the origin of this URL. The default is the application
   * that served the module. If the module is part of a bundle, the default is the root of the page's origin. The option is required outside
   * a page.
   */
  baseUrl?: string;
  /** The adapter for the sign-in of the page. The default is null, which means that the host signs users in with cookies. */
  adapter?: SessionAdapter | null;
  /**
   * The paths of the server's endpoints below `baseUrl`. Each path starts with '/'. The defaults are '/auth/credits',
   * '/auth/credits/history', '/session/health', '/session/recover', '/session/end' and '/uploads'.
   */
  paths?: { credits?: string; history?: string; health?: string; recover?: string; end?: string; files?: string };
  /**
   * The `credentials` option of requests to the server. Use 'include' for cookies of another origin. The default is the browser's default,
   * 'same-origin'.
   */
  credentials?: RequestCredentials;
  /** Replacements for browser features, which are used in tests and in hosts that are not browsers. */
  environment?: Partial<Environment>;
}

/**
 * The state of a media connection. The state is `loading` before the file can play, `ready` while the file can play, `waiting` while the
 * server cannot be reached or does not send the file, and `failed` if the file cannot be played. If the browser loads the file only when
 * the playback starts, as with `preload="none"`, the state is `ready` before the file is loaded.
 */
export type MediaState = 'loading' | 'ready' | 'waiting' | 'failed';

/**
 * Plays one of the user's files in a media element. The playback continues after a signed link has expired and after a restart of the
 * server. After a sign-out or a change of the user, the playback stops, the source of the element is removed, and the state permanently
 * becomes `failed` with the reason `signed_out`.
 */
export interface MediaConnection {
  readonly state: MediaState;
  /** The reason for `failed`: `signed_out`, `not_found`, `lost`, `unsupported` or `rejected`. Null in every other state. */
  readonly reason: string | null;
  /** Subscribes to changes of the state, and returns a function that ends the subscription. */
  readonly subscribe: (listener: () => void) => () => void;
  /**
   * Requests a new link and loads the file again at the current position. If the connection waits for its next attempt, the attempt starts
   * immediately, but not sooner than one second after the wait began. The promise never rejects.
   */
  renew(): Promise<void>;
  /** Stops renewing the link. The element keeps its source. */
  dispose(): void;
}

/** The session of the user who is signed in at a server. */
export interface Session extends EventTarget {
  /** The state of the session. */
  readonly state: SessionState;
  /** Indicates whether a user is signed in. A user is also signed in while the session is in the state `suspect` or `offline`. */
  readonly isAuthenticated: boolean;

  /**
   * Sends a request like `fetch`, with the session's access token. Relative URLs are resolved against the page. A request with a safe
   * method or an `Idempotency-Key` is repeated after a lost connection, after a response of a proxy that cannot reach the server, after
   * 502, 503 and 504, after 429 with `Retry-After`, and after 409 `in_progress` for as long as the caller waits. After a 401, a request is
   * repeated once if its body can be sent twice and the session is healthy again. A request to another origin than the origin of `baseUrl`
   * is passed to `fetch`. The function does not use `this`, so it can be assigned to `window.fetch`.
   */
  readonly fetch: (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>;

  /** Resolves when the state is `ready` or `signed_out`, or after `readyTimeoutMs`. The promise never rejects. */
  whenReady(): Promise<ReadyOutcome>;

  /**
   * Reads the balance. Concurrent reads share one request. The promise never rejects.
   *
   * @param options if `refresh` is true, the server reads the balance from its store. The default is false.
   */
  getCredits(options?: { refresh?: boolean }): Promise<CreditReading>;
  /** Reads the balance from the store with a request that starts after this call. The promise never rejects. */
  refreshCredits(): Promise<CreditReading>;
  /**
   * Reads a page of the user's credit history. The promise never rejects.
   *
   * @param options `before`: `nextBefore` of the previous page, or null for the newest entries (default). `limit`: 1 to 100 (default 50).
   */
  getCreditHistory(options?: { before?: number | null; limit?: number }): Promise<CreditHistoryPage>;

  /**
   * Subscribes to changes of the snapshot, and returns a function that ends the subscription. The function does not use `this`, as React's
   * `useSyncExternalStore` requires.
   */
  readonly subscribe: (listener: () => void) => () => void;
  /** Gets the current snapshot. The function does not use `this`, as React's `useSyncExternalStore` requires. */
  readonly getSnapshot: () => SessionSnapshot;
  /**
   * Gets the snapshot for rendering on a server and for hydration. The state in this snapshot is `starting`, and no user is signed in. The
   * function does not use `this`.
   */
  readonly getServerSnapshot: () => SessionSnapshot;

  /**
   * Starts a check, or joins the check that is running. The check starts a recovery only if the session is unhealthy. The promise never
   * rejects.
   *
   * @param reason the reason for the check. The default is `manual`. A page that uses cookies passes `sign_in` to report that the user has
   *   signed in.
   */
  triggerRecoveryCheck(reason?: CheckReason | (string & {})): Promise<CheckResult>;

  /**
   * Plays one of the user's files in an audio or video element. The function sets the source of the element to a signed link. The link is
   * renewed before it expires and after an error, and the playback continues at the same second. The page uses the element as usual,
   * except for its source. A second call for the same element replaces the first connection. The connection ends when the user signs out
   * or another user signs in. A connection that is created before a user has signed in starts when the session is `ready`.
   *
   * @param element the audio or video element
   * @param name the name of the file in the list of files
   * @example
   * const connection = session.media(document.querySelector('audio'), file.name);
   * connection.subscribe(() => { note.textContent = connection.state === 'waiting' ? 'Waiting for the server…' : ''; });
   */
  media(element: HTMLMediaElement, name: string): MediaConnection;

  /** Ends the session: first and immediately in this page, and after that at the server and at the adapter. The promise never rejects. */
  signOut(): Promise<void>;

  /** Stops all timers, subscriptions and running requests of the module. The state of the session no longer changes. */
  dispose(): void;

  addEventListener<K extends keyof SessionEventMap>(
    type: K, listener: (this: Session, event: SessionEventMap[K]) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof SessionEventMap>(
    type: K, listener: (this: Session, event: SessionEventMap[K]) => void, options?: boolean | EventListenerOptions): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;
}

/**
 * Creates a session and starts its first check. The session keeps the user signed in across restarts of the server.
 *
 * @throws TypeError if no http or https URL of a server is known, or if a path does not start with '/'
 * @example
 * const session = createSession({ adapter: bearerAdapter() });
 * const response = await session.fetch('/api/tracks');
 */
export function createSession(options?: SessionOptions): Session;

/** Describes a failed request. The member `status` is 0 if no response arrived. */
export interface BearerProblem {
  /** The HTTP status. */
  readonly status: number;
  /**
   * The code that the server sent, or a code of the adapter. The adapter's codes are `unreachable`, `superseded` (by a later sign-in or
   * sign-out) and `malformed`.
   */
  readonly code?: string;
  /** A short description. */
  readonly title?: string;
  /** A longer description. ASP.NET Core Identity sends codes such as `LockedOut` in this member. */
  readonly detail?: string;
  /** The validation errors for each member of the request. */
  readonly errors?: Readonly<Record<string, readonly string[]>>;
  /** Any other member that the server sent. */
  readonly [member: string]: unknown;
}

/** The result of a sign-in or a registration. */
export type BearerResult =
  | { readonly ok: true; readonly problem?: undefined }
  | { readonly ok: false; readonly problem: BearerProblem };

/** The options of `bearerAdapter`. */
export interface BearerOptions {
  /** The URL of the server with the bearer endpoints. The default is the same as for a session. */
  baseUrl?: string;
  /**
   * The storage for the tokens. Use `sessionStorage` for a single tab, or null to keep the tokens in memory. The default is `localStorage`.
   */
  storage?: Environment['storage'];
  /** The paths of the bearer endpoints below `baseUrl`. The defaults are '/login', '/refresh' and '/register'. */
  paths?: { login?: string; refresh?: string; register?: string };
  /** The timeout of each request in milliseconds. The default is 10,000. */
  requestTimeoutMs?: number;
  /** Replacements for browser features, which are used in tests and in hosts that are not browsers. */
  environment?: Partial<Environment>;
}

/** The options of a sign-in or a registration. */
export interface BearerSignInOptions {
  /**
   * The time in milliseconds for which a request is repeated while the server cannot be reached. A registration is repeated with the same
   * values, and continues with a sign-in if an earlier attempt has created the account. The value can be `Infinity`. The default is 0.
   */
  budgetMs?: number;
  /**
   * A signal that ends the running request and its repeats. The error of a request that was ended has the code `unreachable`. The default
   * is null.
   */
  signal?: AbortSignal | null;
}

/** An adapter for bearer endpoints that can also sign users in and register accounts. */
export interface BearerAdapter extends SessionAdapter {
  /** Gets the stored access token, or null. */
  getAccessToken(): { readonly token: string; readonly expiresAt: number | null } | null;
  /** Gets the random key of the current sign-in, or null if no user is signed in. Each sign-in creates a new key. */
  userKey(): string | null;
  /**
   * Refreshes the tokens. Concurrent calls in all tabs share one request. A refusal is a 401 response, or a 400 or 403 response with
   * `invalid_grant`. A refusal ends the session. If the response to the previous refresh was lost, only a second refusal at least five
   * seconds later ends the session. The promise never rejects.
   */
  refresh(stale?: { readonly token: string | null }): Promise<RefreshResult>;
  /** Subscribes to changes in this tab and in other tabs. Returns a function that ends the subscription. */
  onChange(listener: (change?: AdapterNotice) => void): () => void;
  /** Signs the user in and stores the tokens. The promise never rejects. */
  signIn(email: string, password: string, options?: BearerSignInOptions): Promise<BearerResult>;
  /** Registers an account and signs the user in. The promise never rejects. */
  signUp(email: string, password: string, options?: BearerSignInOptions): Promise<BearerResult>;
  /** Removes the tokens. */
  signOut(): void;
}

/**
 * Creates an adapter for bearer endpoints, such as the endpoints of ASP.NET Core Identity.
 *
 * @throws TypeError if no http or https URL of a server is known
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

/** The storage in which Supabase's client stores its session. The methods of the storage may be asynchronous. */
export interface SupabaseStorageLike {
  getItem(key: string): string | null | Promise<string | null>;
  setItem(key: string, value: string): void | Promise<void>;
  removeItem(key: string): void | Promise<void>;
}

/** The options of `supabaseAdapter`. */
export interface SupabaseAdapterOptions {
  /** The value of the client's option `auth.storage`. The default is the storage that the client exposes. */
  storage?: SupabaseStorageLike;
  /** The value of the client's option `auth.storageKey`. The default is the key that the client exposes. */
  storageKey?: string;
  /** Replacements for browser features, which are used in tests and in hosts that are not browsers. */
  environment?: Partial<Environment>;
}

/** The options of `supabaseFetch`. */
export interface SupabaseFetchOptions {
  /** The function that sends the requests. The default is the browser's `fetch`. */
  fetch?: typeof fetch;
  /** The value of the client's option `auth.storage`, if the option is set. The default is `localStorage`. */
  storage?: SupabaseStorageLike;
  /** The value of the client's option `auth.storageKey`, if the option is set. The default is the client's default for the project URL. */
  storageKey?: string;
  /** Replacements for browser features, which are used in tests and in hosts that are not browsers. */
  environment?: Partial<Environment>;
}

/** An adapter for a client of `@supabase/supabase-js`. The client signs users in, not the adapter. */
export interface SupabaseAdapter extends SessionAdapter {
  /** Gets the access token from the client's storage, or null. */
  getAccessToken(): Promise<{ readonly token: string; readonly expiresAt: number | null } | null>;
  /**
   * Refreshes the session through the authentication client of the page. If an attempt of that client fails with a transient error, the
   * promise resolves immediately, although the client continues to retry.
   */
  refresh(stale?: { readonly token: string | null }): Promise<RefreshResult>;
  /** Subscribes to changes in this tab and in other tabs. Returns a function that ends the subscription. */
  onChange(listener: (change?: AdapterNotice) => void): () => void;
  /** Ends the session on this device, even if the network is unavailable. After that, ends the session at Supabase (scope `local`). */
  signOut(): Promise<void>;
}

/**
 * Creates an adapter for the page's Supabase client. The client still signs users in, and still stores and refreshes the session. The
 * adapter intercepts the refreshes of the client, so that only one tab of a browser refreshes at a time, and only a final failure ends a
 * session. Create the adapter immediately after the client.
 */
export function supabaseAdapter(client: SupabaseClientLike, options?: SupabaseAdapterOptions): SupabaseAdapter;

/**
 * Creates a `fetch` function for the client's option `global.fetch`, which guards refreshes in the same way as `supabaseAdapter`. The
 * function guards all refreshes, beginning with the client's first request, even if the page uses no adapter.
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
  /** Gets or sets the session whose balance is shown. If the value is null, the element uses the newest session of the page. */
  get session(): Session | null;
  set session(session: Session | null);
  connectedCallback(): void;
  disconnectedCallback(): void;
  attributeChangedCallback(): void;
}

/** The attributes of `<credit-balance>` in JSX, in addition to the attributes of every element. */
export interface CreditBalanceAttributes {
  /** The label of the balance for screen readers. */
  label?: string | undefined;
  /** The text for an unknown balance, for screen readers. */
  'unknown-label'?: string | undefined;
  /** The text for a stale balance, for screen readers. */
  'stale-label'?: string | undefined;
  /** The session whose balance is shown. React 19 sets this value as a property of the element. */
  session?: Session | null | undefined;
  [attribute: string]: unknown;
}

/**
 * The element `<credit-history>`, which shows the credit history of a user as a table with a button for older entries. The user is the user
 * of the page's newest session. Entries that do not change the balance are not shown.
 *
 * Attributes for other texts: `caption-label`, `date-label`, `entry-label`, `change-label`, `balance-label`, `more-label`, `empty-label`,
 * `loading-label`, `error-label`, and for entries without a reason `init-label`, `grant-label`, `consume-label`, `refund-label`,
 * `capture-label` and `adjust-label`. Shadow parts: `table`, `caption`, `status` and `more`.
 */
export class CreditHistoryElement extends HTMLElement {
  static readonly observedAttributes: string[];
  /** Gets or sets the session whose credit history is shown. If the value is null, the element uses the newest session of the page. */
  get session(): Session | null;
  set session(session: Session | null);
  connectedCallback(): void;
  disconnectedCallback(): void;
  attributeChangedCallback(): void;
}

/** The attributes of `<credit-history>` in JSX, in addition to the attributes of every element. */
export interface CreditHistoryAttributes {
  /** The session whose credit history is shown. React 19 sets this value as a property of the element. */
  session?: Session | null | undefined;
  [attribute: string]: unknown;
}

declare global {
  interface HTMLElementTagNameMap {
    'credit-balance': CreditBalanceElement;
    'credit-history': CreditHistoryElement;
  }

  namespace JSX {
    interface IntrinsicElements {
      'credit-balance': CreditBalanceAttributes;
      'credit-history': CreditHistoryAttributes;
    }
  }
}

// React 19 reads the JSX types of elements from its module `react`. In a project without React, this module does not exist, and TypeScript
// would report an error.
// @ts-ignore
declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'credit-balance': CreditBalanceAttributes;
      'credit-history': CreditHistoryAttributes;
    }
  }
}

export {};
