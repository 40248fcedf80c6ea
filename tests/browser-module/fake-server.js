import { FakeClock, settle } from './fake-clock.js';

export const ORIGIN = 'https://studio.example';

/** A `localStorage` of memory, which two pages may share. */
export class FakeStorage {
  values = new Map();

  getItem(key) {
    return this.values.get(key) ?? null;
  }

  setItem(key, value) {
    this.values.set(key, String(value));
  }

  removeItem(key) {
    this.values.delete(key);
  }
}

export class BlockedStorage {
  getItem() {
    throw new Error('blocked');
  }

  setItem() {
    throw new Error('blocked');
  }

  removeItem() {
    throw new Error('blocked');
  }
}

export const json = (body, { status = 200, headers = {} } = {}) =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers });

export const NEVER = new Promise(() => {});

/**
 * A server that the test scripts: `on(route, answer)` where the route is "GET /path" and the answer a function of the request
 * (or an array of them, the last repeated). `down` makes every request fail as a dropped connection does.
 */
export class FakeServer {
  requests = [];
  down = false;
  epoch = 'epoch-1';
  #routes = new Map();

  constructor(clock) {
    this.clock = clock;
    this.on('GET /session/health', () => json({ status: 'healthy', epoch: this.epoch, checks: [] }));
    this.on('POST /session/recover', () => json({ outcome: 'recovered', steps: [], credits: null, status: 'unavailable' }));
    this.on('POST /session/end', () => new Response(null, { status: 204 }));
    this.on('GET /auth/credits', () => credits(7, { version: 1 }));
  }

  on(route, ...answers) {
    this.#routes.set(route, { answers, count: 0 });
    return this;
  }

  /** The requests of a route so far. */
  to(route) {
    return this.requests.filter((request) => request.route === route);
  }

  fetch = async (input, init = {}) => {
    const source = input instanceof Request ? input : null;
    const url = new URL(source?.url ?? input);
    const method = (init.method ?? source?.method ?? 'GET').toUpperCase();
    const headers = new Headers(init.headers ?? source?.headers);
    const path = url.origin === ORIGIN ? url.pathname : url.href;
    const request = { route: `${method} ${path}`, url, headers, body: init.body ?? null, init, at: this.clock.now() };
    this.requests.push(request);
    const signal = init.signal ?? source?.signal;
    signal?.throwIfAborted();
    if (this.down) {
      throw new TypeError('Failed to fetch');
    }

    const route = this.#routes.get(request.route);
    if (!route) {
      return json({}, { status: 404 });
    }

    const answer = route.answers[Math.min(route.count++, route.answers.length - 1)];
    const response = await orAborted(Promise.resolve(answer(request)), signal);
    if (this.epoch !== null && url.origin === ORIGIN && !response.headers.has('Session-Epoch') && response.status < 502) {
      response.headers.set('Session-Epoch', this.epoch);
    }

    return response;
  };
}

function orAborted(promise, signal) {
  if (!signal) {
    return promise;
  }

  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}

/** An answer of `/auth/credits`. */
export function credits(amount, { version = null, tag = 'aaaaaaaaaaaa', status = 'known', held = 0, userId = 'user-1' } = {}) {
  const body = { success: true, credits: amount, held, user_id: userId, status, version, as_of: '2030-01-01T00:00:00Z' };
  return json(body, { headers: version === null ? {} : { 'Credits-Version': `${tag}.${version}` } });
}

export const paid = (available, version, tag = 'aaaaaaaaaaaa') => () =>
  json({}, { headers: { 'Credits-Available': String(available), 'Credits-Version': `${tag}.${version}` } });

export const refused = () => json({ code: 'invalid_token' }, { status: 401 });

export const failed = (status, headers = {}) => () => json({}, { status, headers });

/** A promise with its handles, for an answer that the test gives later. */
export function later() {
  const handles = {};
  handles.promise = new Promise((resolve, reject) => Object.assign(handles, { resolve, reject }));
  return handles;
}

/** An adapter whose user the test changes. */
export class FakeAdapter {
  refreshes = [];
  listeners = new Set();
  signedOut = 0;

  constructor(token = 'token-1', user = 'user-1') {
    this.set(token, user);
  }

  set(token, user = this.user, expiresAt = null) {
    this.token = token;
    this.user = user;
    this.expiresAt = expiresAt;
  }

  /** As a library does: first the change, then the notice. */
  change(reason, token, user = this.user) {
    this.set(token, user);
    this.listeners.forEach((listener) => listener({ reason }));
  }

  getAccessToken = () => (this.token === null ? null : { token: this.token, expiresAt: this.expiresAt });

  userKey = () => this.user;

  onChange = (listener) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  onRefresh = () => {
    this.set(`token-${this.refreshes.length + 1}`);
    return { outcome: 'refreshed', reason: 'refreshed' };
  };

  refresh = async (stale) => {
    this.refreshes.push(stale);
    return this.onRefresh(stale);
  };

  signOut = () => {
    this.signedOut++;
    this.change('signed_out', null);
  };
}

/** A page: clock, server, storage, events, and what the session told it. */
export class Page {
  clock = new FakeClock();
  server = new FakeServer(this.clock);
  storage = new FakeStorage();
  window = new EventTarget();
  document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  random = 0.5;
  events = [];

  get environment() {
    return {
      fetch: this.server.fetch,
      clock: this.clock,
      random: () => this.random,
      storage: this.storage,
      events: { window: this.window, document: this.document },
      href: `${ORIGIN}/app`,
    };
  }

  /** Opens a session and lets it settle. */
  async open(createSession, options = {}) {
    const session = createSession({ adapter: new FakeAdapter(), environment: this.environment, ...options });
    for (const name of ['auth-recovered', 'session-lost', 'credits-changed', 'state-changed']) {
      session.addEventListener(name, (event) => this.events.push({ name, detail: event.detail }));
    }

    await settle();
    return session;
  }

  named(name) {
    return this.events.filter((event) => event.name === name);
  }

  /** The states in the order in which they came. */
  get states() {
    return this.named('state-changed').map(({ detail }) => detail.state);
  }
}
