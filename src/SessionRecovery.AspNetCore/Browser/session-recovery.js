// SessionRecovery for browsers: one module, no dependency, no build step, works from plain http.
//
//   import { createSession, bearerAdapter } from '/session/session-recovery.js';
//   const session = createSession({ adapter: bearerAdapter() });
//   const response = await session.fetch('/api/tracks');
//
// The types are in session-recovery.d.ts. The sections, in order:
//   1. the state machine, as data      5. order and memory of the balance
//   2. the environment                 6. repeating requests
//   3. small tools                     7. the session
//   4. epochs                          8. the adapter for bearer endpoints
//   9. one at a time in the browser   11. the adapter for Supabase's client
//  10. Supabase's refreshes, guarded  12. <credit-balance>

// ---------------------------------------------------------------------------------------------------------------------
// 1. The state machine, as data
// ---------------------------------------------------------------------------------------------------------------------

const row = (from, on, to, emits = null) => Object.freeze({ from, on, to, emits });

/**
 * Every change of state there is. A trigger alone changes nothing: only an answer does (of the adapter, of the server, or
 * that there was none). What has no row here is ignored in that state.
 *
 * @type {ReadonlyArray<Readonly<{from: string, on: string, to: string, emits: string | null}>>}
 */
export const transitions = Object.freeze([
  row('starting', 'check_healthy', 'ready'),
  row('starting', 'check_inconclusive', 'suspect'),
  row('starting', 'check_unhealthy', 'recovering'),
  row('starting', 'unreachable', 'offline'),
  row('starting', 'session_refused', 'signed_out', 'session-lost'),
  row('starting', 'session_ended', 'signed_out'),

  row('ready', 'check_inconclusive', 'suspect'),
  row('ready', 'check_unhealthy', 'recovering'),
  row('ready', 'recovery_deferred', 'suspect'),
  row('ready', 'unreachable', 'offline'),
  row('ready', 'session_refused', 'signed_out', 'session-lost'),
  row('ready', 'session_ended', 'signed_out'),
  row('ready', 'session_began', 'starting'),

  row('suspect', 'check_healthy', 'ready', 'auth-recovered'),
  row('suspect', 'check_unhealthy', 'recovering'),
  row('suspect', 'unreachable', 'offline'),
  row('suspect', 'session_refused', 'signed_out', 'session-lost'),
  row('suspect', 'session_ended', 'signed_out'),
  row('suspect', 'session_began', 'starting'),

  row('recovering', 'recovery_succeeded', 'ready', 'auth-recovered'),
  row('recovering', 'recovery_failed', 'suspect'),
  row('recovering', 'unreachable', 'offline'),
  row('recovering', 'session_refused', 'signed_out', 'session-lost'),
  row('recovering', 'session_ended', 'signed_out'),
  row('recovering', 'session_began', 'starting'),

  row('offline', 'check_healthy', 'ready', 'auth-recovered'),
  row('offline', 'check_inconclusive', 'suspect'),
  row('offline', 'check_unhealthy', 'recovering'),
  row('offline', 'recovery_deferred', 'suspect'),
  row('offline', 'session_refused', 'signed_out', 'session-lost'),
  row('offline', 'session_ended', 'signed_out'),
  row('offline', 'session_began', 'starting'),

  row('signed_out', 'session_began', 'starting'),
]);

const transitionOf = (state, input) => transitions.find((candidate) => candidate.from === state && candidate.on === input);

/** What may be told to the server as the cause of a recovery; its metrics count by these names. */
const TRIGGERS = new Set([
  'new_epoch', 'unauthorized', 'request_failed', 'online', 'visible', 'page_show', 'token_expired', 'token_refused',
  'credits', 'sign_in', 'manual', 'other',
]);

/** Checks after a time in which another tab or device may have spent: a session that is well is no word on the balance. */
const UNSEEN = new Set(['new_epoch', 'online', 'visible', 'page_show']);

// ---------------------------------------------------------------------------------------------------------------------
// 2. The environment: the only place that touches the browser's clock, randomness, storage, network and events
// ---------------------------------------------------------------------------------------------------------------------

function browserEnvironment() {
  return {
    fetch: (input, init) => globalThis.fetch(input, init),
    clock: {
      now: () => performance.now(),
      wallNow: () => Date.now(),
      setTimeout: (callback, milliseconds) => globalThis.setTimeout(callback, milliseconds),
      clearTimeout: (handle) => globalThis.clearTimeout(handle),
    },
    random: () => crypto.getRandomValues(new Uint32Array(1))[0] / 2 ** 32,
    storage: browserStorage(),
    locks: globalThis.navigator?.locks ?? null,
    events: { window: globalThis.window ?? null, document: globalThis.document ?? null },
    href: globalThis.location?.href ?? null,
  };
}

// Where cookies and site data are blocked, the mere property throws.
function browserStorage() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

function environmentOf(overrides) {
  return { ...browserEnvironment(), ...overrides };
}

// ---------------------------------------------------------------------------------------------------------------------
// 3. Small tools
// ---------------------------------------------------------------------------------------------------------------------

/** A storage that never throws: what the browser refuses is kept in memory, so that this page at least goes on working. */
class SafeStorage {
  #storage;
  #memory = new Map();

  constructor(storage) {
    this.#storage = storage;
  }

  get(key) {
    if (this.#memory.has(key)) {
      return this.#memory.get(key);
    }

    try {
      return this.#storage?.getItem(key) ?? null;
    } catch {
      return null;
    }
  }

  set(key, value) {
    try {
      if (this.#storage) {
        this.#storage.setItem(key, value);
        this.#memory.delete(key);
        return;
      }
    } catch {
      // Blocked or full: memory it is.
    }

    this.#memory.set(key, value);
  }

  remove(key) {
    this.#memory.delete(key);
    try {
      this.#storage?.removeItem(key);
    } catch {
      // What can't be removed could not be written either.
    }
  }

  getJson(key) {
    try {
      return JSON.parse(this.get(key) ?? 'null');
    } catch {
      return null;
    }
  }

  setJson(key, value) {
    this.set(key, JSON.stringify(value));
  }
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Half to all of a wait, so that clients that lost one server together don't come back together. */
const jittered = (milliseconds, random) => milliseconds * (0.5 + random() / 2);

/** `Retry-After` in milliseconds, from seconds or a date; 0 when absent, broken or past. */
function retryAfterMs(headers, wallNow, cap) {
  const value = headers.get('Retry-After')?.trim();
  if (!value) {
    return 0;
  }

  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - wallNow;
  return Number.isNaN(wait) ? 0 : Math.min(Math.max(wait, 0), cap);
}

function sleep(clock, milliseconds, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }

    const onAbort = () => {
      clock.clearTimeout(handle);
      reject(signal.reason);
    };
    const handle = clock.setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** The promise's outcome, unless the caller aborts first; the work itself goes on for the others who wait for it. */
function unlessAborted(promise, signal) {
  if (!signal) {
    return promise;
  }

  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) {
      onAbort();
      return;
    }

    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** One request of the module's own, body included, within a time limit. Throws when there was no answer. */
async function exchange(environment, url, init, timeoutMs) {
  const { clock } = environment;
  const controller = new AbortController();
  let handle;
  const limit = new Promise((_, reject) => {
    handle = clock.setTimeout(() => {
      controller.abort();
      reject(new Error('There was no answer in time.'));
    }, timeoutMs);
  });
  const answer = (async () => {
    const response = await environment.fetch(url, { cache: 'no-store', ...init, signal: controller.signal });
    const text = await response.text();
    return { status: response.status, headers: response.headers, url: response.url, body: parseObject(text) };
  })();
  try {
    return await Promise.race([answer, limit]);
  } finally {
    clock.clearTimeout(handle);
  }
}

/** The JSON object in a text, or null for anything else: a proxy's page or half a body is no answer of the server. */
function parseObject(text) {
  try {
    const value = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** Calls a listener of the page's; its fault is reported as any uncaught error is, and reaches nobody else. */
function callSafely(listener, ...values) {
  try {
    listener(...values);
  } catch (error) {
    if (typeof globalThis.reportError === 'function') {
      globalThis.reportError(error);
    } else {
      console.error(error);
    }
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// 4. Epochs
// ---------------------------------------------------------------------------------------------------------------------

const REMEMBERED_EPOCHS = 8;

/** The last eight epochs seen: several nodes without shared state take turns, and none of them is news twice. */
class EpochMemory {
  #seen = [];

  /** Whether this epoch is news. The very first is not: there is nothing that it could have replaced. */
  learn(epoch) {
    if (!epoch || this.#seen.includes(epoch)) {
      return false;
    }

    this.#seen.push(epoch);
    if (this.#seen.length > REMEMBERED_EPOCHS) {
      this.#seen.shift();
    }

    return this.#seen.length > 1;
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// 5. Order and memory of the balance
// ---------------------------------------------------------------------------------------------------------------------

const reading = (status, credits = null, held = null, asOf = null) => Object.freeze({ status, credits, held, asOf });

const UNAVAILABLE = reading('unavailable');
const UNAUTHENTICATED = reading('unauthenticated');

const sameReading = (a, b) => a.status === b.status && a.credits === b.credits && a.held === b.held && a.asOf === b.asOf;

/** `<tag>.<version>` taken apart; the tag is opaque, and versions are compared as the 64-bit numbers that they are. */
function parseFloor(text) {
  const match = /^(.+)\.(\d{1,19})$/.exec(text ?? '');
  return match ? { text, tag: match[1], version: BigInt(match[2]) } : null;
}

const amountOf = (value) => (Number.isSafeInteger(value) ? value : null);

/** A balance in a body of the server's, or null when the body holds none that can be believed. */
function balanceIn(body) {
  if (body?.status === 'missing') {
    return reading('missing');
  }

  const credits = amountOf(body?.credits);
  if (credits === null || (body.status !== 'known' && body.status !== 'stale')) {
    return null;
  }

  return reading(body.status, credits, amountOf(body.held), typeof body.as_of === 'string' ? body.as_of : null);
}

/** The last balance of one user, in the order in which the server made it and not in the one in which answers arrive. */
class Balance {
  #storage;
  #prefix;
  #key = null;
  #userId = null;
  #floor = null;
  #order = 0;
  #reading = UNAVAILABLE;

  constructor(storage, prefix) {
    this.#storage = storage;
    this.#prefix = prefix;
  }

  get reading() {
    return this.#reading;
  }

  /** What goes into the request header `Credits-Version`. */
  get floor() {
    return this.#floor?.text ?? null;
  }

  /** Starts anew for a user, with what is kept from an earlier visit shown as stale. */
  open(userKey) {
    this.#reset();
    this.#key = userKey === null ? null : this.#prefix + userKey;
    const kept = this.#key === null ? null : this.#storage.getJson(this.#key);
    const credits = amountOf(kept?.credits);
    if (credits !== null) {
      this.#floor = parseFloor(kept.floor);
      this.#reading = reading('stale', credits, amountOf(kept.held), typeof kept.asOf === 'string' ? kept.asOf : null);
    }
  }

  /** Forgets the user's balance here and in storage. */
  erase() {
    if (this.#key !== null) {
      this.#storage.remove(this.#key);
    }

    this.#reset();
  }

  /**
   * Takes a balance if it is later than the one here.
   * @param order the ordinal of the request's start: it decides where versions can't
   */
  offer(next, floor, order, userId = null) {
    if (userId !== null && this.#userId !== null && userId !== this.#userId) {
      this.erase();
    }

    this.#userId = userId ?? this.#userId;
    const comparable = floor !== null && this.#floor !== null && floor.tag === this.#floor.tag;
    const sameVersion = comparable && floor.version === this.#floor.version;
    const later = comparable && !sameVersion ? floor.version > this.#floor.version : order >= this.#order;
    if (!later) {
      return;
    }

    // A header tells the version's available credits only; what is held at that version may be known already.
    const held = next.held ?? (sameVersion ? this.#reading.held : null);
    const asOf = next.asOf ?? (sameVersion ? this.#reading.asOf : null);
    this.#floor = floor;
    this.#order = order;
    this.#reading = reading(next.status, next.credits, held, asOf);
    this.#keep();
  }

  /** The server does not understand the floor that it once gave. */
  dropFloor() {
    this.#floor = null;
  }

  /** The value stands, but nobody vouches for it any more. */
  doubt() {
    if (this.#reading.status === 'known') {
      this.#reading = reading('stale', this.#reading.credits, this.#reading.held, this.#reading.asOf);
    }
  }

  #keep() {
    if (this.#key === null) {
      return;
    }

    const { credits, held, asOf } = this.#reading;
    if (credits === null) {
      this.#storage.remove(this.#key);
    } else {
      this.#storage.setJson(this.#key, { credits, held, asOf, floor: this.floor });
    }
  }

  #reset() {
    this.#userId = null;
    this.#floor = null;
    this.#order = 0;
    this.#reading = UNAVAILABLE;
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// 6. Repeating requests
// ---------------------------------------------------------------------------------------------------------------------

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const REPEATED_STATUSES = new Set([502, 503, 504]);

/** A body that can be sent twice. Anything unknown counts as a stream, which is gone once it was read. */
function isRepeatableBody(body) {
  return body === null || body === undefined || typeof body === 'string' || body instanceof URLSearchParams
    || body instanceof Blob || body instanceof FormData || body instanceof ArrayBuffer || ArrayBuffer.isView(body);
}

/** What is being asked for, and what may be done with it. */
function planOf(input, init, base) {
  const request = typeof Request === 'function' && input instanceof Request ? input : null;
  const url = new URL(request?.url ?? String(input), base ?? undefined);
  const method = (init?.method ?? request?.method ?? 'GET').toUpperCase();
  const headers = new Headers(init?.headers ?? request?.headers);
  const bodyIsRepeatable = init?.body === undefined ? !request?.body : isRepeatableBody(init.body);
  const safe = SAFE_METHODS.has(method);
  return {
    // A Request is used up by the first try; without a body its copy is the same request.
    target: () => (request && bodyIsRepeatable ? request.clone() : request ?? url.href),
    url,
    headers,
    safe,
    bodyIsRepeatable,
    repeatable: bodyIsRepeatable && (safe || headers.has('Idempotency-Key')),
    signal: init?.signal ?? request?.signal ?? null,
    ownsAuthorization: headers.has('Authorization'),
  };
}

async function problemCodeOf(response) {
  try {
    return parseObject(await response.clone().text())?.code ?? null;
  } catch {
    return null;
  }
}

/** Whether an answer means "not now": a restart behind a proxy, or the same request still being worked on. */
async function asksForRepeat(response) {
  if (REPEATED_STATUSES.has(response.status)) {
    return true;
  }

  return response.status === 409 && response.headers.has('Retry-After') && (await problemCodeOf(response)) === 'in_progress';
}

/** The wait after a failure without an answer: quick while a restart is likely, then exponential. */
function droppedWait(sinceFirst, count, random, timings) {
  if (sinceFirst < timings.fastRetryForMs) {
    return timings.fastRetryMinMs + random() * (timings.fastRetryMaxMs - timings.fastRetryMinMs);
  }

  return jittered(Math.min(500 * 2 ** Math.min(count, 16), timings.maxRetryMs), random);
}

const discard = (response) => void response.body?.cancel().catch(() => {});

// ---------------------------------------------------------------------------------------------------------------------
// 7. The session
// ---------------------------------------------------------------------------------------------------------------------

const DEFAULT_PATHS = Object.freeze({
  credits: '/auth/credits',
  health: '/session/health',
  recover: '/session/recover',
  end: '/session/end',
});

const DEFAULT_TIMINGS = Object.freeze({
  readyTimeoutMs: 10_000,
  requestTimeoutMs: 10_000,
  budgetMs: 30_000,
  answeredRetries: 3,
  answeredRetryMs: 1_000,
  fastRetryForMs: 3_000,
  fastRetryMinMs: 100,
  fastRetryMaxMs: 250,
  maxRetryMs: 30_000,
  maxRetryAfterMs: 60_000,
  cooldownMs: 30_000,
  maxCooldownMs: 300_000,
});

const NOBODY = Object.freeze({ token: null, expiresAt: null, userKey: null });

/** A host with cookies: the browser sends them, and nobody here can see or renew them. */
const COOKIES = Object.freeze({
  getAccessToken: () => null,
  refresh: () => ({ outcome: 'refused', reason: 'no_refresh' }),
});

/** A token that can be sent. `null` that went through a storage is the text "null", and no token. */
function tokenIn(value) {
  const token = typeof value === 'string' ? value : value?.token;
  const sendable = typeof token === 'string' && /^[\x21-\x7e]+$/.test(token);
  return sendable && token !== 'null' && token !== 'undefined' ? token : null;
}

/** Who a JSON web token is about: a hint that tells accounts apart, not something that anybody is granted anything for. */
function subjectOf(token) {
  try {
    const payload = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
    const subject = JSON.parse(atob(payload)).sub;
    return typeof subject === 'string' ? subject : null;
  } catch {
    return null;
  }
}

class Session extends EventTarget {
  #environment;
  #clock;
  #adapter;
  #cookies;
  #root;
  #paths;
  #timings;
  #credentials;
  #epochs = new EpochMemory();
  #balance;

  #state = 'starting';
  #reason = 'starting';
  #snapshot;
  #subscribers = new Set();
  #waiters = new Set();
  #stopListening = [];
  #disposed = false;

  // Who is signed in. The generation rises with every beginning and end of a session, and whatever began in an earlier
  // one has no say any more.
  #generation = 0;
  #identity = NOBODY;
  #wasReady = false;
  #ended = null;
  #identifying = null;
  #identifyStarted = 0;
  #identifyApplied = 0;
  #refreshing = null;
  #clockIsWrong = false;

  // The one check (with the recovery that it may lead to), and the one timer for the next.
  #flight = null;
  #timer = null;
  #lostAt = null;
  #slowRetries = 0;
  #doubts = 0;
  #cooldownUntil = 0;
  #recoveriesInARow = 0;
  #recoveryEndedAt = null;
  #lastRecovery = null;

  // The one read of the balance, and the one that waits behind it.
  #ordinal = 0;
  #creditsWanted = false;
  #read = null;
  #nextRead = null;

  constructor(options) {
    super();
    const { baseUrl = '', adapter = COOKIES, paths, environment, credentials, ...timings } = options;
    this.#environment = environmentOf(environment);
    this.#clock = this.#environment.clock;
    this.#adapter = adapter ?? COOKIES;
    this.#cookies = this.#adapter === COOKIES;
    this.#root = rootOf(baseUrl, this.#environment.href);
    this.#paths = { ...DEFAULT_PATHS, ...paths };
    this.#timings = { ...DEFAULT_TIMINGS, ...timings };
    this.#credentials = credentials === undefined ? {} : { credentials };
    for (const [name, path] of Object.entries(this.#paths)) {
      if (!path.startsWith('/')) {
        throw new TypeError(`paths.${name} is '${path}'; a path starts with '/', and the origin is baseUrl's.`);
      }
    }

    this.#balance = new Balance(new SafeStorage(this.#environment.storage), `session-recovery:credits:${this.#root.href}:`);
    this.#snapshot = this.#takeSnapshot();
    this.#listen();
    void this.#check('other');
  }

  // --- what the page sees ---

  get state() {
    return this.#state;
  }

  /** Whether somebody is signed in as far as anyone knows; being offline or in doubt takes that from nobody. */
  get isAuthenticated() {
    const inSession = this.#state !== 'starting' && this.#state !== 'signed_out';
    return inSession && (this.#identity.token !== null || this.#wasReady);
  }

  // Fields and not methods, because frameworks take them without their object.
  subscribe = (listener) => {
    this.#subscribers.add(listener);
    return () => void this.#subscribers.delete(listener);
  };

  getSnapshot = () => this.#snapshot;

  fetch = async (input, init) => (await this.#fetch(input, init, {})).response;

  whenReady() {
    if (this.#isSettled || this.#disposed) {
      return Promise.resolve({ state: this.#state, reason: this.#reason });
    }

    return new Promise((resolve) => {
      const waiter = { resolve };
      waiter.timer = this.#clock.setTimeout(() => {
        this.#waiters.delete(waiter);
        resolve({ state: this.#state, reason: 'timeout' });
      }, this.#timings.readyTimeoutMs);
      this.#waiters.add(waiter);
    });
  }

  getCredits({ refresh = false } = {}) {
    return this.#readCredits(refresh);
  }

  refreshCredits() {
    return this.#readCredits(true);
  }

  async triggerRecoveryCheck(reason = 'manual') {
    const trigger = TRIGGERS.has(reason) ? reason : 'other';
    if (trigger === 'sign_in') {
      this.#ended = null;
    }

    const { status } = await this.#check(trigger);
    return { status, state: this.#state };
  }

  async signOut() {
    // Before the first look at the adapter there is no telling whose session this ends.
    await this.#identifying?.catch(() => {});
    const { token } = this.#identity;
    const hadSession = token !== null || this.#cookies;
    this.#leave('session_ended', 'signed_out');
    this.#ended = { token, refreshing: this.#refreshing !== null };

    // Both start now: the page may be on its way elsewhere, and the tokens must not outlive the click.
    const ended = hadSession ? this.#ask('POST', 'end', { token }, { keepalive: true }) : null;
    const left = (async () => this.#adapter.signOut?.())();
    await Promise.allSettled([ended, left]);
  }

  dispose() {
    if (this.#disposed) {
      return;
    }

    this.#disposed = true;
    this.#generation++;
    this.#clearTimer();
    this.#stopListening.forEach((stop) => stop());
    this.#subscribers.clear();
    this.#settleWaiters('disposed');
    registry.remove(this);
  }

  // --- state, snapshot, events ---

  get #isSettled() {
    return this.#state === 'ready' || this.#state === 'signed_out';
  }

  #transition(input, reason) {
    const found = transitionOf(this.#state, input);
    if (!found) {
      return;
    }

    this.#state = found.to;
    this.#reason = reason;
    if (found.to === 'ready') {
      this.#wasReady = true;
      this.#forgetRetries();
    } else if (found.to === 'offline') {
      this.#balance.doubt();
    }

    this.#publish();
    this.#dispatch('state-changed', { state: found.to, previous: found.from, reason });
    if (found.emits) {
      this.#dispatch(found.emits, { reason });
    }

    if (this.#isSettled) {
      this.#settleWaiters(this.#reason);
    }

    if (this.#state === 'ready' && this.#creditsWanted && this.#balance.reading.status !== 'known' && !this.#read) {
      void this.#readCredits(false);
    }
  }

  #takeSnapshot() {
    return Object.freeze({
      state: this.#state,
      reason: this.#reason,
      isAuthenticated: this.isAuthenticated,
      credits: this.#balance.reading,
    });
  }

  #publish() {
    const before = this.#snapshot;
    const next = this.#takeSnapshot();
    const sameCredits = sameReading(before.credits, next.credits);
    if (sameCredits && before.state === next.state && before.reason === next.reason && before.isAuthenticated === next.isAuthenticated) {
      return;
    }

    this.#snapshot = next;
    for (const subscriber of [...this.#subscribers]) {
      callSafely(subscriber);
    }

    if (!sameCredits) {
      this.#dispatch('credits-changed', next.credits);
    }
  }

  #dispatch(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  #settleWaiters(reason) {
    for (const waiter of this.#waiters) {
      this.#clock.clearTimeout(waiter.timer);
      waiter.resolve({ state: this.#state, reason });
    }

    this.#waiters.clear();
  }

  #listen() {
    const { window, document } = this.#environment.events;
    const on = (target, name, listener) => {
      target?.addEventListener(name, listener);
      this.#stopListening.push(() => target?.removeEventListener(name, listener));
    };
    on(window, 'online', () => void this.#check('online'));
    on(window, 'pageshow', (event) => void (event.persisted && this.#check('page_show')));
    on(document, 'visibilitychange', () => void (document.visibilityState === 'visible' && this.#check('visible')));
    const stop = this.#adapter.onChange?.((change) => void this.#onAdapterChange(change?.reason ?? null));
    if (typeof stop === 'function') {
      this.#stopListening.push(stop);
    }
  }

  // --- who is signed in ---

  async #onAdapterChange(reason) {
    const before = this.#identity.token;
    try {
      await this.#identify(reason);
    } catch {
      return;
    }

    // A token that another tab fetched may be all that was missing.
    const waits = this.#state === 'suspect' || this.#state === 'offline';
    if (waits && this.#identity.token !== before) {
      void this.#check('other');
    }
  }

  /** Asks the adapter, and takes over what it says. Of two questions the one asked later counts. */
  #identify(change = null) {
    const started = ++this.#identifyStarted;
    const pending = this.#lookAtAdapter().then((identity) => {
      if (started > this.#identifyApplied) {
        this.#identifyApplied = started;
        this.#adopt(identity, change);
      }

      return this.#identity;
    }).finally(() => {
      if (this.#identifying === pending) {
        this.#identifying = null;
      }
    });
    this.#identifying = pending;
    return pending;
  }

  async #lookAtAdapter() {
    const given = await this.#within(async () => this.#adapter.getAccessToken());
    const token = tokenIn(given);
    if (token === null) {
      return NOBODY;
    }

    const userKey = this.#adapter.userKey?.() ?? subjectOf(token);
    return Object.freeze({ token, userKey, expiresAt: Number.isFinite(given.expiresAt) ? given.expiresAt : null });
  }

  /** What the adapter does, within a time limit: a page must not hang because a library waits for a lock. */
  async #within(work) {
    let timer;
    const limit = new Promise((_, reject) => {
      timer = this.#clock.setTimeout(() => reject(new Error('The adapter gave no answer in time.')), this.#timings.requestTimeoutMs);
    });
    try {
      return await Promise.race([work(), limit]);
    } finally {
      this.#clock.clearTimeout(timer);
    }
  }

  #adopt(identity, change) {
    if (this.#disposed || this.#cookies) {
      return;
    }

    if (change === 'signed_in') {
      this.#ended = null;
    }

    if (identity.token === null || this.#hasEnded(identity)) {
      if (this.#identity.token !== null || this.#state === 'starting') {
        const refused = change === 'refused';
        this.#leave(refused ? 'session_refused' : 'session_ended', refused ? 'refused' : 'no_session');
      }

      return;
    }

    const before = this.#identity;
    this.#identity = identity;
    if (!this.#isSameUser(before, identity)) {
      this.#begin(before.token !== null, identity.userKey);
    }
  }

  /** An adapter that kept its token over a sign-out, or gets a new one from a refresh that was under way at that moment. */
  #hasEnded(identity) {
    return this.#ended !== null && (this.#ended.refreshing || identity.token === this.#ended.token);
  }

  #isSameUser(before, now) {
    if (before.token === null || before.token === now.token) {
      return before.token !== null;
    }

    // Without a hint only a token that this session itself asked for is known to be the same user's.
    return now.userKey === null || before.userKey === null ? this.#refreshing === this.#generation : now.userKey === before.userKey;
  }

  #begin(isSwitch, userKey) {
    if (isSwitch) {
      this.#balance.erase();
    }

    this.#reset();
    this.#balance.open(userKey);
    this.#transition('session_began', 'sign_in');
    this.#publish();
    this.#ended = null;
    if (this.#flight?.isLooking) {
      this.#flight.generation = this.#generation;
    } else {
      void this.#check('sign_in');
    }
  }

  #leave(input, reason) {
    this.#balance.erase();
    this.#reset();
    this.#identity = NOBODY;
    this.#transition(input, reason);
    this.#publish();
  }

  #reset() {
    this.#generation++;
    this.#clearTimer();
    this.#forgetRetries();
    this.#wasReady = false;
    this.#clockIsWrong = false;
    this.#cooldownUntil = 0;
    this.#recoveriesInARow = 0;
    this.#recoveryEndedAt = null;
    this.#lastRecovery = null;
    this.#read = null;
    this.#nextRead = null;
  }

  /** Whether a session ended or another began since; waits for a look at the adapter that is under way. */
  async #isSuperseded(generation) {
    await this.#identifying?.catch(() => {});
    return generation !== this.#generation;
  }

  // --- the check ---

  /** One check at a time, and no cooldown: whoever comes while it runs shares its result. Never rejects. */
  #check(reason) {
    if (this.#disposed) {
      return Promise.resolve({ status: 'inconclusive' });
    }

    const running = this.#flight;
    if (running?.generation === this.#generation) {
      return running.promise;
    }

    this.#clearTimer();
    const flight = { generation: this.#generation, isLooking: false, repeatFor: null, answeredBy: null, promise: null };
    this.#flight = flight;
    flight.promise = this.#runCheck(flight, reason);
    return flight.promise;
  }

  async #runCheck(flight, reason) {
    const result = await this.#lookAround(flight, reason);
    if (this.#flight !== flight) {
      // The session of this check is over. What its callers want to know is how the present one is.
      return this.#flight?.promise ?? this.#supersededResult();
    }

    this.#flight = null;
    if (result.status === 'superseded') {
      return this.#supersededResult();
    }

    if (flight.repeatFor !== null && flight.repeatFor !== flight.answeredBy) {
      return this.#check('new_epoch');
    }

    return result;
  }

  #supersededResult() {
    return { status: this.#state === 'signed_out' ? 'signed_out' : 'superseded' };
  }

  async #lookAround(flight, reason) {
    let identity;
    flight.isLooking = true;
    try {
      identity = await this.#identify();
    } catch {
      return this.#beInDoubt('adapter_failed', reason, 0);
    } finally {
      flight.isLooking = false;
    }

    flight.generation = this.#generation;
    const { generation } = flight;
    const isOver = this.#cookies ? this.#ended !== null : identity.token === null;
    if (isOver) {
      return { status: 'signed_out' };
    }

    if (this.#isExpired(identity)) {
      return this.#heal(generation, 'token_expired', identity, true);
    }

    let health = await this.#askHealth(identity, flight);
    if (await this.#isSuperseded(generation)) {
      return { status: 'superseded' };
    }

    if (health.refused && this.#identity.token !== identity.token) {
      // Another tab got a new token meanwhile; the old one's refusal says nothing about it.
      identity = this.#identity;
      health = await this.#askHealth(identity, flight);
      if (await this.#isSuperseded(generation)) {
        return { status: 'superseded' };
      }
    }

    return this.#judge(generation, health, identity, reason);
  }

  #judge(generation, health, identity, reason) {
    if (health.status === 'healthy') {
      this.#recoveriesInARow = 0;
      if (this.#state === 'signed_out') {
        this.#transition('session_began', reason);
      }

      this.#transition('check_healthy', 'healthy');
      if (UNSEEN.has(reason) && this.#creditsWanted && !this.#read) {
        void this.#readCredits(false);
      }

      return { status: 'healthy' };
    }

    if (health.status === 'unreachable') {
      return this.#beOffline(reason);
    }

    if (health.status === 'inconclusive') {
      return this.#beInDoubt(health.reason, reason, health.retryAfterMs);
    }

    if (this.#cookies && health.refused && !this.#wasReady) {
      // A visitor who never signed in has lost nothing.
      this.#leave('session_ended', 'no_session');
      return { status: 'signed_out' };
    }

    const trigger = health.refused && reason === 'other' ? 'token_refused' : reason;
    return this.#heal(generation, trigger, identity, health.needsRefresh);
  }

  #isExpired(identity) {
    return !this.#clockIsWrong && identity.expiresAt !== null && identity.expiresAt <= this.#clock.wallNow();
  }

  async #askHealth(identity, flight) {
    let answer;
    try {
      answer = await this.#ask('GET', 'health', identity);
    } catch {
      return { status: 'unreachable' };
    }

    flight.answeredBy = answer.headers.get('Session-Epoch');
    const retryAfter = retryAfterMs(answer.headers, this.#clock.wallNow(), this.#timings.maxRetryAfterMs);
    if (answer.status === 401) {
      return { status: 'unhealthy', refused: true, needsRefresh: true };
    }

    const { body } = answer;
    if (answer.status !== 200 || (body?.status !== 'healthy' && body?.status !== 'unhealthy')) {
      const asked = Number.isFinite(body?.retry_after_ms) ? Math.min(Math.max(body.retry_after_ms, 0), this.#timings.maxRetryAfterMs) : 0;
      const reason = answer.status === 200 ? 'inconclusive' : `http_${answer.status}`;
      return { status: 'inconclusive', reason, retryAfterMs: Math.max(retryAfter, asked) };
    }

    const checks = Array.isArray(body.checks) ? body.checks : [];
    const tokenRefused = checks.some((check) => check?.reason === 'refused' || check?.reason === 'unauthenticated');
    return { status: body.status, refused: false, needsRefresh: !this.#cookies && body.status === 'unhealthy' && tokenRefused };
  }

  #beOffline(reason) {
    this.#transition('unreachable', 'unreachable');
    const now = this.#clock.now();
    this.#lostAt ??= now;
    const since = now - this.#lostAt;
    const slow = since < this.#timings.fastRetryForMs ? 0 : this.#slowRetries++;
    this.#schedule(droppedWait(since, slow, this.#environment.random, this.#timings), reason);
    return { status: 'unreachable' };
  }

  #beInDoubt(why, reason, atLeastMs) {
    this.#transition('check_inconclusive', why);
    const backOff = Math.min(this.#timings.answeredRetryMs * 2 ** Math.min(this.#doubts++, 16), this.#timings.maxRetryAfterMs);
    this.#schedule(Math.max(jittered(backOff, this.#environment.random), atLeastMs), reason);
    return { status: 'inconclusive' };
  }

  #schedule(milliseconds, reason) {
    this.#clearTimer();
    if (!this.#disposed && this.#state !== 'signed_out') {
      this.#timer = this.#clock.setTimeout(() => {
        this.#timer = null;
        void this.#check(reason);
      }, milliseconds);
    }
  }

  #clearTimer() {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #forgetRetries() {
    this.#lostAt = null;
    this.#slowRetries = 0;
    this.#doubts = 0;
  }

  /** A request of the module's own. It goes past `fetch` above, so that no check can lead to another. */
  async #ask(method, path, { token }, init = {}) {
    const headers = new Headers({ Accept: 'application/json' });
    this.#authorize(headers, token, method === 'GET');
    if (init.body !== undefined) {
      headers.set('Content-Type', 'application/json');
    }

    const request = { ...this.#credentials, ...init, method, headers };
    const answer = await exchange(this.#environment, this.#urlOf(path), request, this.#timings.requestTimeoutMs);
    this.#epochs.learn(answer.headers.get('Session-Epoch'));
    return answer;
  }

  #authorize(headers, token, isSafe) {
    if (token !== null) {
      headers.set('Authorization', `Bearer ${token}`);
    } else if (!isSafe && !headers.has('Session-Client')) {
      // What a form on another site can't send: it shows that a request with a cookie came from the page itself.
      headers.set('Session-Client', 'browser');
    }
  }

  #urlOf(path) {
    return this.#root.href.replace(/\/$/, '') + this.#paths[path];
  }

  // --- the recovery ---

  /** Recovers, or waits for the cooldown to pass; then one check follows by itself, however many asked. */
  async #heal(generation, trigger, identity, needsRefresh) {
    const wait = this.#cooldownUntil - this.#clock.now();
    if (wait > 0) {
      this.#transition('recovery_deferred', 'cooldown');
      this.#schedule(wait, trigger);
      return { status: this.#lastRecovery };
    }

    this.#transition('check_unhealthy', trigger);
    const result = await this.#recover(generation, trigger, identity, needsRefresh);
    if (result.status === 'superseded') {
      return result;
    }

    if (result.status === 'refused') {
      this.#leave('session_refused', result.reason);
      return { status: 'signed_out' };
    }

    if (result.status === 'unreachable') {
      // Nothing was answered, so nothing has to be waited for but the server.
      return this.#beOffline(trigger);
    }

    this.#lastRecovery = result.status;
    this.#startCooldown(result.retryAfterMs ?? 0);
    if (result.status === 'recovered') {
      this.#transition('recovery_succeeded', 'recovered');
    } else {
      this.#transition('recovery_failed', result.reason);
      this.#schedule(this.#cooldownUntil - this.#clock.now(), trigger);
    }

    return { status: result.status };
  }

  /** Doubles with each recovery after which no check found the session healthy: a recovery that doesn't help is no success. */
  #startCooldown(atLeastMs) {
    const { cooldownMs, maxCooldownMs } = this.#timings;
    const now = this.#clock.now();
    const longAgo = this.#recoveryEndedAt !== null && now - this.#recoveryEndedAt > 2 * maxCooldownMs;
    this.#recoveriesInARow = longAgo ? 1 : this.#recoveriesInARow + 1;
    this.#recoveryEndedAt = now;
    const cooldown = Math.min(cooldownMs * 2 ** Math.min(this.#recoveriesInARow - 1, 16), maxCooldownMs);
    this.#cooldownUntil = now + Math.max(cooldown, atLeastMs);
  }

  async #recover(generation, trigger, identity, needsRefresh) {
    let mustRefresh = needsRefresh;
    let current = identity;
    for (let refreshed = false; ;) {
      if (mustRefresh) {
        const { outcome, reason } = await this.#refresh(generation, current.token);
        if (await this.#isSuperseded(generation)) {
          return { status: 'superseded' };
        }

        if (outcome === 'refused') {
          return { status: 'refused', reason };
        }

        if (outcome === 'unavailable') {
          return { status: reason === 'network' ? 'unreachable' : 'unhealthy', reason };
        }

        current = this.#identity;
        mustRefresh = false;
        refreshed = true;
      }

      const order = ++this.#ordinal;
      let answer;
      try {
        answer = await this.#ask('POST', 'recover', current, { body: JSON.stringify({ trigger }) });
      } catch {
        answer = null;
      }

      if (await this.#isSuperseded(generation)) {
        return { status: 'superseded' };
      }

      if (answer === null) {
        return { status: 'unreachable' };
      }

      if (answer.status === 401 && !refreshed) {
        mustRefresh = true;
        continue;
      }

      return this.#judgeRecovery(generation, answer, order, current);
    }
  }

  async #judgeRecovery(generation, answer, order, identity) {
    if (answer.status === 404) {
      // Recovery is switched off at the server: whether the session works again is all that can be asked.
      const health = await this.#askHealth(identity, {});
      if (await this.#isSuperseded(generation)) {
        return { status: 'superseded' };
      }

      const found = { healthy: 'recovered', unreachable: 'unreachable' }[health.status] ?? 'unhealthy';
      return { status: found, reason: 'recovery_switched_off' };
    }

    const { body } = answer;
    if (answer.status === 200 && (body?.outcome === 'recovered' || body?.outcome === 'not_needed')) {
      this.#takeBody(answer, order);
      return { status: 'recovered' };
    }

    const retryAfter = retryAfterMs(answer.headers, this.#clock.wallNow(), this.#timings.maxRetryAfterMs);
    return { status: 'unhealthy', reason: answer.status === 200 ? 'recovery_failed' : `http_${answer.status}`, retryAfterMs: retryAfter };
  }

  async #refresh(generation, token) {
    this.#refreshing = generation;
    let answer;
    try {
      answer = await this.#within(async () => this.#adapter.refresh({ token }));
      if (answer?.outcome === 'refreshed' && this.#generation === generation) {
        await this.#identify();

        // A token that is new and expired tells of this device's clock. From here on only the server's word counts.
        this.#clockIsWrong = this.#isExpired(this.#identity);
      }
    } catch {
      answer = null;
    }

    if (this.#refreshing === generation) {
      this.#refreshing = null;
    }

    if (this.#ended?.refreshing && this.#generation !== generation) {
      // Signed out meanwhile. What the adapter holds now is still the ended session's.
      const held = await this.#lookAtAdapter().catch(() => NOBODY);
      this.#ended = this.#ended && { token: held.token ?? this.#ended.token, refreshing: false };
    }

    return ['refreshed', 'refused', 'unavailable'].includes(answer?.outcome)
      ? { outcome: answer.outcome, reason: answer.reason ?? answer.outcome }
      : { outcome: 'unavailable', reason: 'adapter_failed' };
  }

  // --- the balance ---

  #takeBody({ headers, body }, order) {
    const balance = balanceIn(body);
    if (balance !== null) {
      const userId = typeof body.user_id === 'string' ? body.user_id : null;
      this.#balance.offer(balance, parseFloor(headers.get('Credits-Version')), order, userId);
      this.#publish();
    }

    return balance !== null;
  }

  /** One read at a time. A refresh joins only a read that began after it was asked for, and so waits behind the present one. */
  #readCredits(refresh) {
    this.#creditsWanted = true;
    if (this.#read === null) {
      const begun = this.#startRead(refresh).finally(() => {
        if (this.#read === begun) {
          this.#read = null;
        }
      });
      this.#read = begun;
      return begun;
    }

    if (!refresh) {
      return this.#read;
    }

    if (this.#nextRead === null) {
      const generation = this.#generation;
      const next = this.#read.then(() => {
        if (this.#nextRead === next) {
          this.#nextRead = null;
        }

        return generation === this.#generation ? this.#readCredits(true) : UNAVAILABLE;
      });
      this.#nextRead = next;
    }

    return this.#nextRead;
  }

  async #startRead(refresh) {
    const identity = await this.#identifyForRequest();
    const generation = this.#generation;
    if (this.#cookies ? this.#state === 'signed_out' : identity.token === null) {
      return UNAUTHENTICATED;
    }

    const limit = new AbortController();
    const timer = this.#clock.setTimeout(() => limit.abort(), this.#timings.budgetMs);
    try {
      return await this.#readWithin(generation, refresh, limit.signal);
    } catch {
      return generation === this.#generation ? this.#settleForLess() : UNAVAILABLE;
    } finally {
      this.#clock.clearTimeout(timer);
    }
  }

  async #readWithin(generation, refresh, signal) {
    const url = this.#urlOf('credits') + (refresh ? '?refresh=true' : '');
    const init = { ...this.#credentials, cache: 'no-store', headers: { Accept: 'application/json' }, signal };
    const floor = this.#balance.floor;
    const { response, order } = await this.#fetch(url, init, { takesHeaders: false });
    const body = parseObject(await response.text());
    if (generation !== this.#generation) {
      return UNAVAILABLE;
    }

    if (response.status === 400 && floor !== null && body?.code === 'invalid_credits_version') {
      this.#balance.dropFloor();
      return this.#readWithin(generation, refresh, signal);
    }

    if (response.status === 200 && this.#takeBody({ headers: response.headers, body }, order)) {
      return this.#balance.reading;
    }

    const last = this.#settleForLess();
    return response.status === 401 ? UNAUTHENTICATED : last;
  }

  #settleForLess() {
    this.#balance.doubt();
    this.#publish();
    return this.#balance.reading;
  }

  // --- fetch ---

  async #fetch(input, init, { takesHeaders = true }) {
    const plan = planOf(input, init, this.#root.href);
    if (plan.url.origin !== this.#root.origin) {
      // Another origin gets nothing of the session, and nothing that it answers is believed.
      return { response: await this.#environment.fetch(input, init), order: 0 };
    }

    const timings = this.#timings;
    const deadline = this.#clock.now() + timings.budgetMs;
    let identity = await unlessAborted(this.#identifyForRequest(), plan.signal);
    if (!plan.ownsAuthorization && identity.token !== null && this.#isExpired(identity)) {
      await unlessAborted(this.#check('token_expired'), plan.signal);
      identity = await this.#identifyForRequest();
    }

    const generation = this.#generation;
    let firstDropAt = null;
    let slowDrops = 0;
    let repeats = 0;
    let attended = false;

    /** Waits for the next try; false when there is none: no time left, or the user is another by now. */
    const mayRepeat = async (wait) => {
      if (wait > 0) {
        if (this.#clock.now() + wait > deadline) {
          return false;
        }

        await sleep(this.#clock, wait, plan.signal);
      }

      identity = await this.#identifyForRequest();
      return generation === this.#generation;
    };

    for (;;) {
      const order = ++this.#ordinal;
      let response;
      try {
        const headers = this.#headersFor(plan, identity);
        response = await this.#environment.fetch(plan.target(), { ...this.#credentials, ...init, headers });
      } catch (error) {
        if (plan.signal?.aborted || !isSendable(plan, init)) {
          throw error;
        }

        void this.#check('request_failed');
        firstDropAt ??= this.#clock.now();
        const since = this.#clock.now() - firstDropAt;
        const slow = since < timings.fastRetryForMs ? 0 : slowDrops++;
        if (plan.repeatable && await mayRepeat(droppedWait(since, slow, this.#environment.random, timings))) {
          continue;
        }

        throw error;
      }

      await this.#observe(response, { generation, order, takesHeaders });
      if (response.status === 401 && !plan.ownsAuthorization && !attended) {
        attended = true;
        if (await this.#attend(plan, identity) && await mayRepeat(0)) {
          discard(response);
          continue;
        }
      } else if (plan.repeatable && repeats < timings.answeredRetries && await asksForRepeat(response)) {
        const backOff = jittered(timings.answeredRetryMs * 2 ** repeats++, this.#environment.random);
        const asked = retryAfterMs(response.headers, this.#clock.wallNow(), timings.maxRetryAfterMs);
        if (await mayRepeat(Math.max(backOff, asked))) {
          discard(response);
          continue;
        }
      }

      return { response, order };
    }
  }

  /** Who the request is for. An adapter that fails now leaves the user that it named before. */
  async #identifyForRequest() {
    try {
      return await this.#identify();
    } catch {
      return this.#identity;
    }
  }

  #headersFor(plan, { token }) {
    const headers = new Headers(plan.headers);
    if (!plan.ownsAuthorization) {
      this.#authorize(headers, token, plan.safe);
    }

    const { floor } = this.#balance;
    if (floor !== null) {
      headers.set('Credits-Version', floor);
    }

    return headers;
  }

  /** After a 401: whether a repeat makes sense. The server did nothing, so that even an unsafe request may be sent again. */
  async #attend(plan, { token }) {
    const now = await this.#identifyForRequest();
    if (now.token !== token) {
      return plan.bodyIsRepeatable && now.token !== null;
    }

    const checked = this.#check('unauthorized');
    if (!plan.bodyIsRepeatable) {
      return false;
    }

    const { status } = await unlessAborted(checked, plan.signal);
    return status === 'healthy' || status === 'recovered';
  }

  /** Reads what every answer of the server tells beside its content. */
  async #observe(response, { generation, order, takesHeaders }) {
    if (response.url && new URL(response.url).origin !== this.#root.origin) {
      return;
    }

    const { headers } = response;
    const epoch = headers.get('Session-Epoch');
    if (this.#epochs.learn(epoch)) {
      this.#noticeEpoch(epoch);
    } else if (epoch === null && REPEATED_STATUSES.has(response.status)) {
      // Not the application but what stands before it.
      void this.#check('request_failed');
    }

    const available = headers.get('Credits-Available');
    if (!takesHeaders || !/^-?\d{1,16}$/.test(available ?? '') || await this.#isSuperseded(generation)) {
      return;
    }

    const credits = amountOf(Number(available));
    if (credits !== null) {
      this.#creditsWanted = true;
      this.#balance.offer(reading('known', credits), parseFloor(headers.get('Credits-Version')), order);
      this.#publish();
    }
  }

  /** Other state stands behind the server now: what the last recovery led to says nothing about it. */
  #noticeEpoch(epoch) {
    this.#cooldownUntil = 0;
    if (this.#flight?.generation === this.#generation) {
      this.#flight.repeatFor = epoch;
    } else {
      void this.#check('new_epoch');
    }
  }
}

/** What the browser refuses to send fails like a lost connection does, but it fails for ever. */
function isSendable(plan, init) {
  if (!plan.bodyIsRepeatable) {
    return true;
  }

  try {
    return Boolean(new Request(plan.target(), init));
  } catch {
    return false;
  }
}

function rootOf(baseUrl, href) {
  const root = baseUrl === '' ? new URL('/', href ?? undefined) : new URL(baseUrl, href ?? undefined);
  if (root.protocol !== 'https:' && root.protocol !== 'http:') {
    // All such addresses share the origin "null", which tells nobody apart.
    throw new TypeError(`'${root.href}' is no address of a server: give baseUrl an http or https address.`);
  }

  root.search = '';
  root.hash = '';
  return root;
}

/** The sessions of this page, newest last, so that an element finds one whichever of the two came first. */
class Registry {
  #sessions = [];
  #listeners = new Set();

  get newest() {
    return this.#sessions.at(-1) ?? null;
  }

  add(session) {
    this.#sessions.push(session);
    this.#tell();
  }

  remove(session) {
    this.#sessions = this.#sessions.filter((other) => other !== session);
    this.#tell();
  }

  watch(listener) {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #tell() {
    for (const listener of [...this.#listeners]) {
      callSafely(listener);
    }
  }
}

const registry = new Registry();

/** Keeps the user's session over restarts of the server. See the type declarations for the options. */
export function createSession(options = {}) {
  const session = new Session(options);
  registry.add(session);
  return session;
}

// ---------------------------------------------------------------------------------------------------------------------
// 8. The adapter for bearer endpoints, such as ASP.NET Core Identity's
// ---------------------------------------------------------------------------------------------------------------------

const DEFAULT_BEARER_PATHS = Object.freeze({ login: '/login', refresh: '/refresh', register: '/register' });

class BearerAdapter {
  #environment;
  #root;
  #paths;
  #storage;
  #key;
  #timeoutMs;
  #listeners = new Set();
  #onStorage = (event) => this.#onOtherTab(event);
  #refreshing = null;

  // Rises with every sign-in and sign-out: what an earlier one still waits for comes too late.
  #intent = 0;

  constructor({ baseUrl = '', storage, paths, environment, requestTimeoutMs = 10_000 }) {
    this.#environment = environmentOf(environment);
    this.#root = rootOf(baseUrl, this.#environment.href);
    this.#paths = { ...DEFAULT_BEARER_PATHS, ...paths };
    this.#storage = new SafeStorage(storage === undefined ? this.#environment.storage : storage);
    this.#key = `session-recovery:tokens:${this.#root.href}`;
    this.#timeoutMs = requestTimeoutMs;
  }

  getAccessToken() {
    const tokens = this.#tokens();
    return tokens && { token: tokens.accessToken, expiresAt: tokens.expiresAt };
  }

  userKey() {
    return this.#tokens()?.userKey ?? null;
  }

  onChange(listener) {
    if (this.#listeners.size === 0) {
      this.#environment.events.window?.addEventListener('storage', this.#onStorage);
    }

    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) {
        this.#environment.events.window?.removeEventListener('storage', this.#onStorage);
      }
    };
  }

  /** @param stale what expired or was refused; if the token is another one by now, there is nothing to do */
  refresh(stale) {
    this.#refreshing ??= this.#refresh(stale?.token ?? null).finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async signIn(email, password) {
    const intent = ++this.#intent;
    const startedAt = this.#environment.clock.wallNow();
    const answer = await this.#post('login', { email, password });
    if (intent !== this.#intent) {
      return failure(0, 'superseded', 'Another sign-in or sign-out came first.');
    }

    if (answer?.status !== 200) {
      return failureOf(answer);
    }

    const tokens = tokensIn(answer.body, startedAt);
    if (tokens === null) {
      return failure(200, 'malformed', 'The server answered with something that holds no tokens.');
    }

    this.#write({ ...tokens, userKey: this.#newKey() });
    this.#tell('signed_in');
    return { ok: true };
  }

  /** Registers an account and signs in to it. */
  async signUp(email, password) {
    const intent = ++this.#intent;
    const answer = await this.#post('register', { email, password });
    if (answer?.status !== 200) {
      return failureOf(answer);
    }

    return intent === this.#intent ? this.signIn(email, password) : failure(0, 'superseded', 'Another sign-in or sign-out came first.');
  }

  signOut() {
    this.#intent++;
    this.#storage.remove(this.#key);
    this.#tell('signed_out');
  }

  async #refresh(stale) {
    const before = this.#tokens();
    if (before === null) {
      return { outcome: 'refused', reason: 'no_session' };
    }

    if (stale !== null && stale !== before.accessToken) {
      return { outcome: 'refreshed', reason: 'already' };
    }

    const startedAt = this.#environment.clock.wallNow();
    const answer = await this.#post('refresh', { refreshToken: before.refreshToken });
    const now = this.#tokens();
    if (now?.userKey !== before.userKey) {
      return { outcome: 'unavailable', reason: 'superseded' };
    }

    if (answer === null) {
      return { outcome: 'unavailable', reason: 'network' };
    }

    if (answer.status === 401) {
      if (now.refreshToken !== before.refreshToken) {
        // Another tab was quicker; what was refused is only the token that it used up.
        return { outcome: 'refreshed', reason: 'already' };
      }

      this.#storage.remove(this.#key);
      this.#tell('refused');
      return { outcome: 'refused', reason: 'refused' };
    }

    const tokens = answer.status === 200 ? tokensIn(answer.body, startedAt) : null;
    if (tokens === null) {
      return { outcome: 'unavailable', reason: answer.status === 200 ? 'malformed' : `http_${answer.status}` };
    }

    this.#write({ ...tokens, userKey: before.userKey });
    this.#tell('refreshed');
    return { outcome: 'refreshed', reason: 'refreshed' };
  }

  /** The answer, or null when there was none. */
  async #post(path, body) {
    const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
    const url = this.#root.href.replace(/\/$/, '') + this.#paths[path];
    try {
      return await exchange(this.#environment, url, { method: 'POST', headers, body: JSON.stringify(body) }, this.#timeoutMs);
    } catch {
      return null;
    }
  }

  /** Always from storage, which the other tabs write to as well. */
  #tokens() {
    const kept = this.#storage.getJson(this.#key);
    return typeof kept?.accessToken === 'string' && typeof kept.refreshToken === 'string' ? kept : null;
  }

  #write(tokens) {
    this.#storage.setJson(this.#key, tokens);
  }

  #newKey() {
    const { random } = this.#environment;
    return Array.from({ length: 4 }, () => Math.floor(random() * 2 ** 32).toString(36)).join('');
  }

  #onOtherTab({ key, oldValue, newValue }) {
    if (key !== null && key !== this.#key) {
      return;
    }

    const before = oldValue ? parseObject(oldValue)?.userKey : null;
    const now = newValue ? parseObject(newValue)?.userKey : null;
    this.#tell(now ? (now === before ? 'refreshed' : 'signed_in') : 'signed_out');
  }

  #tell(reason) {
    for (const listener of [...this.#listeners]) {
      callSafely(listener, { reason });
    }
  }
}

function tokensIn(body, startedAt) {
  const accessToken = tokenIn(body?.accessToken);
  if (accessToken === null || typeof body.refreshToken !== 'string' || body.refreshToken === '') {
    return null;
  }

  const lasts = Number.isFinite(body.expiresIn) && body.expiresIn > 0;
  return { accessToken, refreshToken: body.refreshToken, expiresAt: lasts ? startedAt + body.expiresIn * 1000 : null };
}

const failure = (status, code, title) => ({ ok: false, problem: { status, code, title } });

function failureOf(answer) {
  if (answer === null) {
    return failure(0, 'unreachable', 'The server could not be reached.');
  }

  return { ok: false, problem: { ...answer.body, status: answer.status } };
}

/** Keeps the tokens of bearer endpoints: sign in, refresh, register. See the type declarations for the options. */
export function bearerAdapter(options = {}) {
  return new BearerAdapter(options);
}

// ---------------------------------------------------------------------------------------------------------------------
// 9. One at a time in the browser
// ---------------------------------------------------------------------------------------------------------------------

const LEASE_MS = 20_000;
const LEASE_SETTLE_MS = 50;
const LOCK_WAIT_MS = 20_000;

/**
 * Lets one tab at a time do a piece of work: by Web Locks, and where a page may not use them (plain http) by a lease in the
 * storage that the tabs share. Never for longer than a while: a tab that hangs must not stop the others for good.
 */
class BrowserLock {
  #environment;
  #storage;
  #name;

  constructor(environment, name) {
    this.#environment = environment;
    this.#storage = new SafeStorage(environment.storage);
    this.#name = `session-recovery:lock:${name}`;
  }

  async run(work) {
    if (!(await this.#runLocked(work))) {
      await this.#runLeased(work);
    }
  }

  /** Whether Web Locks took care of it. */
  async #runLocked(work) {
    const { locks, clock } = this.#environment;
    if (locks === null) {
      return false;
    }

    const waiting = new AbortController();
    const timer = clock.setTimeout(() => waiting.abort(), LOCK_WAIT_MS);
    let begun = false;
    try {
      await locks.request(this.#name, { signal: waiting.signal }, async () => {
        begun = true;
        clock.clearTimeout(timer);
        await work();
      });
    } catch (error) {
      if (begun) {
        throw error;
      }

      // Waited long enough, or a page without an origin of its own, which may not lock anything.
      if (waiting.signal.aborted) {
        begun = true;
        await work();
      }
    } finally {
      clock.clearTimeout(timer);
    }

    return begun;
  }

  async #runLeased(work) {
    const { clock, random } = this.#environment;
    const owner = Math.floor(random() * 2 ** 32).toString(36) + clock.wallNow().toString(36);
    const latest = clock.now() + LOCK_WAIT_MS;
    while (!(await this.#takeLease(owner)) && clock.now() < latest) {
      await sleep(clock, jittered(2 * LEASE_SETTLE_MS, random));
    }

    try {
      await work();
    } finally {
      if (this.#lease()?.owner === owner) {
        this.#storage.remove(this.#name);
      }
    }
  }

  async #takeLease(owner) {
    if (this.#lease() !== null) {
      return false;
    }

    this.#storage.setJson(this.#name, { owner, until: this.#environment.clock.wallNow() + LEASE_MS });

    // Tabs that wrote at the same moment find out who was last.
    await sleep(this.#environment.clock, LEASE_SETTLE_MS);
    return this.#lease()?.owner === owner;
  }

  /** The lease that somebody holds. One that ends later than any can was written before the clock was set. */
  #lease() {
    const lease = this.#storage.getJson(this.#name);
    const left = Number(lease?.until) - this.#environment.clock.wallNow();
    return left > 0 && left <= LEASE_MS ? lease : null;
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// 10. Supabase's refreshes, guarded
// ---------------------------------------------------------------------------------------------------------------------

/** After these the session is over; anything else may pass. */
const FINAL_CODES = new Set([
  'refresh_token_not_found', 'refresh_token_already_used', 'session_not_found', 'session_expired', 'user_banned', 'user_not_found',
]);

/** Auth itself gives up after ten seconds. */
const AUTH_LIMIT_MS = 15_000;
const RATE_LIMIT_MS = 2_000;
const MAX_QUIET_MS = 60_000;
const SAVE_LIMIT_MS = 1_000;
const SAVE_LOOK_MS = 10;
const SPREAD_MS = 100;

/** Marks a request that a guard lets through, so that a second guard behind it does not wait for the first one's lock. */
const GUARDED = Symbol('session-recovery.guarded');

/** The refresh token that a request would use up, or null for any other request. */
function refreshTokenIn(input, init) {
  const isRefresh = init?.method === 'POST' && typeof init.body === 'string' && /\/token\?(.*&)?grant_type=refresh_token(&|$)/.test(String(input));
  const token = isRefresh && !init[GUARDED] ? parseObject(init.body)?.refresh_token : null;
  return typeof token === 'string' && token !== '' ? token : null;
}

/** Where a client of this address keeps its session unless it was told otherwise. */
const defaultStorageKey = (url) => `sb-${new URL(url).hostname.split('.')[0]}-auth-token`;

const isSession = (body) => typeof body?.access_token === 'string' && typeof body.refresh_token === 'string' && Number.isFinite(body.expires_in);

/** The session as the client keeps it, or null. Some storages of the client's are asynchronous. */
async function storedSession(storage, key) {
  const value = await storage?.getItem(key);
  const session = typeof value === 'string' ? parseObject(value) : null;
  return typeof session?.access_token === 'string' && typeof session.refresh_token === 'string' ? session : null;
}

/** The error code in any of the three shapes in which Auth writes errors; older servers put a number in `code`. */
function authCodeOf(body) {
  return [body?.code, body?.error_code].find((code) => typeof code === 'string') ?? null;
}

const answerOf = (status, body, headers = {}) =>
  new Response(JSON.stringify(body), { status, headers: { ...headers, 'Content-Type': 'application/json' } });

/** What the client takes for a failure of the network: it keeps the session and tries again. */
const tryLater = () => answerOf(503, { code: 503, msg: 'Refreshing the session is not possible at the moment.' });

/** What the client takes for the end of a session that is gone already. */
const endedElsewhere = () => answerOf(400, { code: 400, error_code: 'session_ended_elsewhere', msg: 'The session ended meanwhile.' });

/**
 * Stands between a client of Supabase's and its network, and concerns itself with refreshes only: at most one of a session
 * at a time in the browser, none when another tab was quicker, and of the failures only the final ones reach the client as
 * such. The client drops its session for any other 4xx, a rate limit included.
 */
class RefreshGuard {
  #environment;
  #fetch;
  #storage;
  #storageKey;
  #log;
  #watchers = new Set();

  // The last refresh token that is known to be, or to have been, the stored one.
  #known = null;

  /** The last try's failure, null after a success. */
  failure = null;

  constructor({ fetch, storage, storageKey = null, environment }) {
    this.#environment = environmentOf(environment);
    this.#fetch = fetch ?? this.#environment.fetch;
    this.#storage = storage === undefined ? this.#environment.storage : storage;
    this.#storageKey = storageKey;
    this.#log = new SafeStorage(this.#environment.storage);
  }

  fetch = (input, init) => {
    const token = refreshTokenIn(input, init);
    return token === null ? this.#fetch(input, init) : this.#refresh(String(input), init, token);
  };

  /** A refresh of this session, which was just seen stored, is to follow: it will know that session's successor. */
  expect(token) {
    this.#known = token;
  }

  /** Calls for each failure. */
  watch(watcher) {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  async #refresh(url, init, token) {
    const key = this.#storageKey ?? defaultStorageKey(url);
    const since = this.#environment.clock.wallNow();

    // A client may also be handed a foreign refresh token: that one has nothing to do with what is stored. And it goes on
    // trying with the one that it began with, whatever happens to the session meanwhile.
    if ((await this.#stored(key))?.refresh_token === token) {
      this.#known = token;
    }

    const isStored = this.#known === token;
    return new Promise((resolve, reject) => {
      new BrowserLock(this.#environment, `refresh:${key}`).run(async () => {
        try {
          const answer = (isStored ? await this.#withoutAsking(key, token, since) : null) ?? await this.#ask(url, init, key, token, isStored);
          resolve(answer.response);
          if (answer.isNew) {
            await this.#letSpread(key, isStored && answer.changesSession ? token : null);
          }
        } catch (error) {
          reject(error);
          await this.#letSpread(key, null);
        }
      }).catch(reject);
    });
  }

  /** The answer when another tab was quicker: with a session, with its end, or with a failure. */
  async #withoutAsking(key, token, since) {
    const replaced = await this.#replaced(key, token);
    if (replaced !== null) {
      return replaced;
    }

    const last = this.#log.getJson(`session-recovery:refresh:${key}`);
    const now = this.#environment.clock.wallNow();
    const isShared = last?.at <= now && (last.at >= since || (last.until > now && last.until - now <= MAX_QUIET_MS));
    if (!isShared || typeof last.reason !== 'string') {
      return null;
    }

    this.#fail(token, last.reason, false);
    return { response: tryLater() };
  }

  /** What stands in the place of the session by now; null while it is still there. */
  async #replaced(key, token) {
    const now = await this.#stored(key);
    if (now === undefined || now?.refresh_token === token) {
      return null;
    }

    if (now === null) {
      return { response: endedElsewhere() };
    }

    this.failure = null;
    const expiresIn = Math.max(1, Math.round(now.expires_at - this.#environment.clock.wallNow() / 1000));
    return { response: answerOf(200, { ...now, expires_in: Number.isFinite(expiresIn) ? expiresIn : now.expires_in ?? 1 }) };
  }

  async #ask(url, init, key, token, isStored) {
    const environment = { ...this.#environment, fetch: this.#fetch };
    let answer;
    try {
      answer = await exchange(environment, url, { ...init, [GUARDED]: true }, AUTH_LIMIT_MS);
    } catch (error) {
      this.#fail(token, 'network', false);
      this.#remember(key, 'network', 0);
      throw error;
    }

    const { status, headers, body } = answer;
    if (status === 200 && isSession(body)) {
      this.failure = null;
      this.#log.remove(`session-recovery:refresh:${key}`);

      // A sign-out or another user's sign-in that came meanwhile has the last word.
      const replaced = isStored ? await this.#replaced(key, token) : null;
      return replaced ?? { isNew: true, changesSession: true, response: answerOf(200, body) };
    }

    const code = authCodeOf(body);
    if (status >= 400 && status < 500 && FINAL_CODES.has(code)) {
      const replaced = isStored ? await this.#replaced(key, token) : null;
      if (replaced === null) {
        this.#fail(token, code, true);
      }

      const version = headers.get('X-Supabase-Api-Version');
      const passed = answerOf(status, body, version === null ? {} : { 'X-Supabase-Api-Version': version });
      return replaced ?? { isNew: true, changesSession: true, response: passed };
    }

    const reason = status === 200 ? 'malformed' : `http_${status}`;
    const asked = retryAfterMs(headers, this.#environment.clock.wallNow(), MAX_QUIET_MS);
    this.#fail(token, reason, false);
    this.#remember(key, reason, Math.max(asked, status === 429 ? RATE_LIMIT_MS : 0));
    return { isNew: true, response: tryLater() };
  }

  /** Until the client has saved the new session, and the browser has shown it to the other tabs, nobody else has a turn. */
  async #letSpread(key, usedToken) {
    const { clock } = this.#environment;
    const latest = clock.now() + SAVE_LIMIT_MS;
    while (usedToken !== null && clock.now() < latest && (await this.#stored(key))?.refresh_token === usedToken) {
      await sleep(clock, SAVE_LOOK_MS);
    }

    await sleep(clock, SPREAD_MS);
  }

  /** The session, null, or undefined when the storage does not say. */
  async #stored(key) {
    try {
      return await storedSession(this.#storage, key);
    } catch {
      return undefined;
    }
  }

  #fail(token, reason, isFinal) {
    this.failure = { token, reason, isFinal };
    for (const watcher of [...this.#watchers]) {
      watcher(this.failure);
    }
  }

  #remember(key, reason, quietMs) {
    const at = this.#environment.clock.wallNow();
    this.#log.setJson(`session-recovery:refresh:${key}`, { at, until: at + quietMs, reason });
  }
}

/** For the client's option `global.fetch`: guards its refreshes from its first request on. */
export function supabaseFetch(options = {}) {
  return new RefreshGuard(options).fetch;
}

// ---------------------------------------------------------------------------------------------------------------------
// 11. The adapter for Supabase's client
// ---------------------------------------------------------------------------------------------------------------------

/** Two tokens issued within one second can be the same text, so that a renewal shows in what comes with the token. */
const isRenewal = (before, now) => before.refreshToken !== now.refreshToken || before.expiresAt !== now.expiresAt;

class SupabaseAdapter {
  #auth;
  #storage;
  #storageKey;
  #guard = null;
  #listeners = new Set();
  #subscription = null;
  #working = null;
  #failedBefore = null;

  // The session that was seen last, and the refresh token of one that ended here: who still finds it finds nothing.
  #seen = null;
  #ended = null;

  constructor(client, { storage, storageKey, environment }) {
    const { auth } = client;
    this.#auth = auth;
    this.#storage = storage ?? auth.storage ?? null;
    this.#storageKey = storageKey ?? auth.storageKey ?? null;
    if (typeof auth.fetch === 'function') {
      this.#guard = new RefreshGuard({ fetch: auth.fetch, storage: this.#storage, storageKey: this.#storageKey, environment });
      auth.fetch = this.#guard.fetch;
    }
  }

  async getAccessToken() {
    const session = await this.#session();
    if (session === null || session.refreshToken === this.#ended) {
      return null;
    }

    this.#seen = session;
    return { token: session.token, expiresAt: session.expiresAt };
  }

  /** @param stale what expired or was refused; if the session was renewed since, there is nothing to do */
  async refresh(stale) {
    const failure = this.#guard?.failure ?? null;
    if (this.#working === null) {
      this.#failedBefore = failure;
    } else if (failure !== null && failure !== this.#failedBefore) {
      // The client is between two of its tries.
      return this.#resultOf(failure);
    }

    this.#working ??= this.#refresh(stale?.token ?? null)
      .catch(() => ({ outcome: 'unavailable', reason: 'adapter_failed' }))
      .finally(() => {
        this.#working = null;
      });
    return this.#firstWord(this.#working);
  }

  onChange(listener) {
    this.#listeners.add(listener);

    // Nothing here may wait for the client: in older releases it holds its lock while it tells of a change.
    this.#subscription ??= this.#auth.onAuthStateChange((event, session) => this.#onAuthChange(event, session)).data.subscription;
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) {
        this.#subscription?.unsubscribe();
        this.#subscription = null;
      }
    };
  }

  /** Ends the session on this device at once, and at Auth as soon as that can be reached. */
  async signOut() {
    const session = await this.#session();
    if (session === null) {
      return;
    }

    this.#ended = session.refreshToken;
    const dropped = this.#drop(session);
    const revoked = this.#storageKey !== null ? this.#auth.admin?.signOut?.(session.token, 'local') : null;
    await Promise.allSettled([dropped, revoked]);
  }

  async #refresh(stale) {
    const before = await this.#session();
    if (before === null || before.refreshToken === this.#ended) {
      return { outcome: 'refused', reason: 'no_session' };
    }

    if (this.#isRenewed(stale, before)) {
      return { outcome: 'refreshed', reason: 'already' };
    }

    // Reading the client's session waits for the client's start and renews what has expired; `refreshSession` on top of that
    // would be a second time. What the client still takes for good is renewed by the last step only, which names the session:
    // the guard then sees whether another tab was quicker while this one waited for the client.
    this.#guard?.expect(before.refreshToken);
    for (const [step, ...values] of [['getSession'], ['refreshSession', { refresh_token: before.refreshToken }]]) {
      const error = await this.#call(step, ...values);
      const now = await this.#session();
      if (now !== null && now.user === before.user && isRenewal(before, now)) {
        return { outcome: 'refreshed', reason: 'refreshed' };
      }

      const failure = this.#guard?.failure?.token === before.refreshToken ? this.#guard.failure : failureIn(error);
      if (failure?.isFinal && (now === null || now.refreshToken === before.refreshToken)) {
        await this.#refuse(before, now);
        return this.#resultOf(failure);
      }

      if (now?.refreshToken !== before.refreshToken) {
        return { outcome: 'unavailable', reason: 'superseded' };
      }

      if (error) {
        return failure === null ? { outcome: 'unavailable', reason: 'adapter_failed' } : this.#resultOf(failure);
      }
    }

    return { outcome: 'unavailable', reason: 'unchanged' };
  }

  /** What the client does, or the first failure of it: the client tries again for half a minute, and nobody waits for that. */
  async #firstWord(working) {
    let stop;
    const failed = new Promise((resolve) => {
      stop = this.#guard?.watch((failure) => void (failure.isFinal || resolve(this.#resultOf(failure))));
    });
    try {
      return await Promise.race([working, failed]);
    } finally {
      stop?.();
    }
  }

  #resultOf({ isFinal, reason }) {
    return { outcome: isFinal ? 'refused' : 'unavailable', reason };
  }

  /** The client's error, whether it gives it back or was told to throw it. */
  async #call(method, ...values) {
    try {
      return (await this.#auth[method](...values))?.error ?? null;
    } catch (error) {
      return error ?? new Error('The client failed.');
    }
  }

  #isRenewed(stale, now) {
    if (stale === null) {
      return false;
    }

    return stale === this.#seen?.token ? isRenewal(this.#seen, now) : stale !== now.token;
  }

  /** From where the client keeps it: asking the client could start a refresh, or wait for one. */
  async #session() {
    if (typeof this.#storage?.getItem !== 'function' || this.#storageKey === null) {
      const { data, error } = await this.#auth.getSession();
      if (error) {
        throw error;
      }

      return sessionOf(data.session);
    }

    return sessionOf(await storedSession(this.#storage, this.#storageKey));
  }

  async #refuse(session, now) {
    if (this.#ended === session.refreshToken) {
      return;
    }

    this.#ended = session.refreshToken;
    this.#tell('refused');
    if (now !== null) {
      // The client keeps a session whose access token has not expired yet.
      await this.#drop(session);
    }
  }

  /** Takes the session away from the client, which then tells all who listen to it. */
  async #drop(session) {
    if (typeof this.#storage?.removeItem === 'function' && this.#storageKey !== null) {
      if ((await this.#session())?.refreshToken !== session.refreshToken) {
        return;
      }

      await this.#storage.removeItem(this.#storageKey);
    }

    await this.#call('signOut', { scope: 'local' });
  }

  #onAuthChange(event, given) {
    const session = sessionOf(given);
    if (event === 'SIGNED_OUT') {
      const failure = this.#guard?.failure;
      const isRefused = failure?.isFinal && failure.token === this.#seen?.refreshToken;
      if (isRefused && this.#ended !== failure.token) {
        this.#ended = failure.token;
        this.#tell('refused');
      } else {
        this.#tell('signed_out');
      }
    } else if (session !== null) {
      // A client says SIGNED_IN of the session that it has whenever its page comes to the front.
      const isNew = session.user !== this.#seen?.user || session.refreshToken !== this.#seen?.refreshToken;
      const begins = isNew && (event === 'SIGNED_IN' || event === 'PASSWORD_RECOVERY');
      this.#tell(begins && session.refreshToken !== this.#ended ? 'signed_in' : 'refreshed');
    } else {
      this.#tell();
    }
  }

  #tell(reason) {
    for (const listener of [...this.#listeners]) {
      callSafely(listener, { reason });
    }
  }
}

function sessionOf(session) {
  if (typeof session?.access_token !== 'string' || typeof session.refresh_token !== 'string') {
    return null;
  }

  return {
    token: session.access_token,
    refreshToken: session.refresh_token,
    expiresAt: Number.isFinite(session.expires_at) ? session.expires_at * 1000 : null,
    user: subjectOf(session.access_token) ?? session.user?.id ?? null,
  };
}

/** What a client's error says when no guard saw the answer itself. */
function failureIn(error) {
  if (!error) {
    return null;
  }

  if (FINAL_CODES.has(error.code)) {
    return { isFinal: true, reason: error.code };
  }

  return { isFinal: false, reason: error.status ? `http_${error.status}` : 'network' };
}

/**
 * Follows a client of `@supabase/supabase-js`, which goes on being the one who signs in, keeps the session and refreshes it.
 * See the type declarations for the options.
 */
export function supabaseAdapter(client, options = {}) {
  return new SupabaseAdapter(client, options);
}

// ---------------------------------------------------------------------------------------------------------------------
// 12. <credit-balance>
// ---------------------------------------------------------------------------------------------------------------------

const HIDDEN = 'position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap';

/**
 * Shows the balance of the page's session. Attributes: `label` (default "Credits"), `unknown-label` (default "unknown"),
 * `stale-label` (default "last known value"). Parts: `value`, `stale` (a mark, shown with a stale value). It sets `stale`.
 */
export class CreditBalanceElement extends (globalThis.HTMLElement ?? class {}) {
  static observedAttributes = ['label', 'unknown-label', 'stale-label'];

  #chosen = null;
  #session = null;
  #stopSession = null;
  #stopRegistry = null;
  #value = null;
  #mark = null;
  #spoken = null;
  #note = null;

  /** The session that is shown: the one set here, else the newest of the page. */
  get session() {
    return this.#chosen ?? this.#session;
  }

  set session(session) {
    this.#chosen = session ?? null;
    this.#follow();
  }

  connectedCallback() {
    this.#takeOverEarlyProperty();
    this.#build();
    this.#stopRegistry = registry.watch(() => this.#follow());
    this.#follow();
  }

  disconnectedCallback() {
    this.#stopRegistry?.();
    this.#stopRegistry = null;
    this.#leave();
  }

  attributeChangedCallback() {
    this.#render();
  }

  // A page may set the property before this module has run; then it lies on the element and hides the accessor.
  #takeOverEarlyProperty() {
    if (Object.hasOwn(this, 'session')) {
      const { session } = this;
      delete this.session;
      this.session = session;
    }
  }

  #follow() {
    if (this.#stopRegistry === null) {
      return;
    }

    const session = this.#chosen ?? registry.newest;
    if (session !== this.#session) {
      this.#leave();
      this.#session = session;
      this.#stopSession = session?.subscribe(() => this.#render()) ?? null;
      if (session && session.getSnapshot().credits.status !== 'known') {
        void session.getCredits();
      }
    }

    this.#render();
  }

  #leave() {
    this.#stopSession?.();
    this.#stopSession = null;
    this.#session = null;
  }

  #build() {
    if (this.#value !== null) {
      return;
    }

    const root = this.attachShadow({ mode: 'open' });
    const add = (part, css) => {
      const node = this.ownerDocument.createElement('span');
      if (part) {
        node.setAttribute('part', part);
      }

      node.style.cssText = css;
      root.appendChild(node);
      return node;
    };

    // What is seen is not what is spoken: "–" says nothing to the ear, and a bare number not of what.
    this.#value = add('value', '');
    this.#value.setAttribute('aria-hidden', 'true');
    this.#mark = add('stale', '');
    this.#mark.setAttribute('aria-hidden', 'true');
    this.#spoken = add(null, HIDDEN);
    this.#spoken.setAttribute('role', 'status');
    this.#spoken.setAttribute('aria-live', 'polite');

    // Outside the live region: that a value is old can be read, but a lost connection does not interrupt anybody.
    this.#note = add(null, HIDDEN);
  }

  #render() {
    if (this.#value === null) {
      return;
    }

    const { credits, status } = this.#session?.getSnapshot().credits ?? UNAVAILABLE;
    const isKnown = credits !== null;
    const isStale = isKnown && status === 'stale';
    const shown = isKnown ? credits.toLocaleString() : '–';
    setText(this.#value, shown);
    setText(this.#mark, isStale ? '*' : '');
    setText(this.#spoken, `${this.#word('label', 'Credits')}: ${isKnown ? shown : this.#word('unknown-label', 'unknown')}`);
    setText(this.#note, isStale ? this.#word('stale-label', 'last known value') : '');
    if (isStale !== this.hasAttribute('stale')) {
      this.toggleAttribute('stale', isStale);
    }
  }

  #word(attribute, otherwise) {
    return this.getAttribute(attribute) ?? otherwise;
  }
}

// Only a change: writing the same text again makes some screen readers say it again.
function setText(node, text) {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

if (globalThis.customElements && !customElements.get('credit-balance')) {
  customElements.define('credit-balance', CreditBalanceElement);
}
