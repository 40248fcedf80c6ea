import { FakeClock, settle } from './fake-clock.js';

export const ORIGIN = 'https://studio.example';

/** Simulates a `localStorage` in memory that several pages can share. */
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

export const createResponse = (body, { status = 200, headers = {} } = {}) =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers });

export const NEVER = new Promise(() => {});

/** Contains the responses that do not come from the application. */
const foreign = new WeakSet();

/** Creates a response of a proxy, which has no epoch. */
export const respondAsProxy = (status, headers = {}) => () => {
  const response = createResponse('<html>not the application</html>', { status, headers: { 'Content-Type': 'text/html', ...headers } });
  foreign.add(response);
  return response;
};

/**
 * Simulates a server that the test scripts. `on(route, ...responders)` takes a route such as "GET /path" and functions that create a
 * response from a request. The last function is repeated. While `down` is set, every request fails like a lost connection.
 */
export class FakeServer {
  requests = [];
  down = false;
  epoch = 'epoch-1';

  /** The function that responds in place of the application, or null if the application responds. */
  proxy = null;
  #routes = new Map();

  constructor(clock) {
    this.clock = clock;
    this.on('GET /session/health', () => createResponse({ status: 'healthy', epoch: this.epoch, checks: [] }));
    this.on('POST /session/recover', () => createResponse({ outcome: 'recovered', steps: [], credits: null, status: 'unavailable' }));
    this.on('POST /session/end', () => new Response(null, { status: 204 }));
    this.on('GET /auth/credits', () => createCreditsResponse(7, { version: 1 }));
  }

  on(route, ...responders) {
    this.#routes.set(route, { responders, count: 0 });
    return this;
  }

  /** Gets the requests of a route so far. */
  requestsTo(route) {
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

    if (this.proxy) {
      return rejectOnAbort(Promise.resolve(this.proxy(request)), signal);
    }

    const route = this.#routes.get(request.route);
    if (!route) {
      return createResponse({}, { status: 404 });
    }

    const respond = route.responders[Math.min(route.count++, route.responders.length - 1)];
    const response = await rejectOnAbort(Promise.resolve(respond(request)), signal);
    const isOwn = this.epoch !== null && url.origin === ORIGIN && response.status < 502 && !foreign.has(response);
    if (isOwn && !response.headers.has('Session-Epoch')) {
      response.headers.set('Session-Epoch', this.epoch);
    }

    return response;
  };
}

function rejectOnAbort(promise, signal) {
  if (!signal) {
    return promise;
  }

  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}

/** Creates a response of `/auth/credits`. */
export function createCreditsResponse(
  amount, { version = null, tag = 'aaaaaaaaaaaa', status = 'known', held = 0, userId = 'user-1' } = {}
) {
  const body = { success: true, credits: amount, held, user_id: userId, status, version, as_of: '2030-01-01T00:00:00Z' };
  return createResponse(body, { headers: version === null ? {} : { 'Credits-Version': `${tag}.${version}` } });
}

export const respondPaid = (available, version, tag = 'aaaaaaaaaaaa') => () =>
  createResponse({}, { headers: { 'Credits-Available': String(available), 'Credits-Version': `${tag}.${version}` } });

export const respondUnauthorized = () => createResponse({ code: 'invalid_token' }, { status: 401 });

export const respondWith = (status, headers = {}) => () => createResponse({}, { status, headers });

/** Creates a promise together with its resolve and reject functions, for a response that the test sends later. */
export function createDeferred() {
  const handles = {};
  handles.promise = new Promise((resolve, reject) => Object.assign(handles, { resolve, reject }));
  return handles;
}

/** Simulates an adapter with a user that the test sets. */
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

  /** Changes the token and then notifies the listeners, as a sign-in library does. */
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

/** Holds a page with its clock, server and storage, and records the events of its session. */
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

  /** Opens a session and waits until it has settled. */
  async open(createSession, options = {}) {
    const session = createSession({ adapter: new FakeAdapter(), environment: this.environment, ...options });
    for (const name of ['auth-recovered', 'session-lost', 'sign-in-required', 'credits-changed', 'state-changed']) {
      session.addEventListener(name, (event) => this.events.push({ name, detail: event.detail }));
    }

    await settle();
    return session;
  }

  getEvents(name) {
    return this.events.filter((event) => event.name === name);
  }

  /** Gets the states in the order of their events. */
  get states() {
    return this.getEvents('state-changed').map(({ detail }) => detail.state);
  }
}
