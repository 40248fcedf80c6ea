import { ORIGIN, FakeServer, FakeStorage, createResponse, respondUnauthorized } from './fake-server.js';
import { PROJECT, FakeGoTrue } from './fake-gotrue.js';

/** Simulates `navigator.locks` and grants the locks with the same name one after the other. */
export class FakeLocks {
  #queues = new Map();

  request = async (name, options, work) => {
    const { signal, ifAvailable } = options;
    const before = this.#queues.get(name);
    if (before && ifAvailable) {
      return work(null);
    }

    let release;
    const mine = new Promise((resolve) => {
      release = resolve;
    });
    const queue = Promise.all([before, mine]);
    this.#queues.set(name, queue);
    try {
      await rejectOnAbort(before, signal);
      return await work({ name });
    } finally {
      release();
      if (this.#queues.get(name) === queue) {
        this.#queues.delete(name);
      }
    }
  };
}

function rejectOnAbort(promise, signal) {
  return new Promise((resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    Promise.resolve(promise).then(resolve, reject);
  });
}

class NoSocket {}

const locks = new FakeLocks();
let serial = 0;

/**
 * Installs the globals with which Supabase's client detects a browser. The function must be called before a client is created. All tests
 * share one set of locks, and each test has its own storage key.
 */
export function installBrowserGlobals() {
  globalThis.window = Object.assign(new EventTarget(), { location: new URL(`${ORIGIN}/app`) });
  globalThis.document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  Object.defineProperty(globalThis, 'navigator', { value: { locks }, configurable: true });
}

/** Simulates a browser whose tabs share storage and locks, with an Auth server and an application. */
export class FakeBrowser {
  auth = new FakeGoTrue();
  storage = new FakeStorage();
  storageKey = `sb-${++serial}-auth-token`;
  refusedTokens = new Set();
  tabs = [];
  app = new FakeServer({ now: () => performance.now() })
    .on('GET /session/health', ({ headers }) => {
      const token = headers.get('Authorization')?.slice('Bearer '.length) ?? null;
      const isAccepted = token !== null && this.auth.accepts(token) && !this.refusedTokens.has(token);
      return isAccepted ? createResponse({ status: 'healthy', checks: [] }) : respondUnauthorized();
    });

  constructor({ secure = true } = {}) {
    this.locks = secure ? locks : null;
  }

  get environment() {
    const events = { window: new EventTarget(), document: null };
    return { fetch: this.app.fetch, random: Math.random, storage: this.storage, locks: this.locks, events, href: `${ORIGIN}/app` };
  }

  /** Gets the session that the clients of all tabs read. */
  get stored() {
    return JSON.parse(this.storage.getItem(this.storageKey));
  }

  store(session) {
    this.storage.setItem(this.storageKey, JSON.stringify(session));
  }

  /** Creates a tab with a client. `clientEvents` contains the events that the client sends to the page. */
  client(createClient, { fetch = this.auth.fetch, ...auth } = {}) {
    const client = createClient(PROJECT, 'sb_publishable_test', {
      auth: { storage: this.storage, storageKey: this.storageKey, ...auth },
      global: { fetch },
      realtime: { transport: NoSocket },
    });
    const tab = { client, clientEvents: [], events: [] };
    this.tabs.push(tab);
    client.auth.onAuthStateChange((event) => void tab.clientEvents.push(event));
    return tab;
  }

  /** Adds a session with an adapter to a tab. */
  open(tab, adapter, createSession) {
    tab.session = createSession({ adapter, environment: this.environment });
    for (const name of ['session-lost', 'state-changed']) {
      tab.session.addEventListener(name, ({ detail }) => tab.events.push(name === 'state-changed' ? detail.state : name));
    }

    return tab;
  }

  async close() {
    for (const { session, client } of this.tabs) {
      session?.dispose();
      await client.auth.stopAutoRefresh();
      client.auth.broadcastChannel?.close();
    }
  }
}

/** Waits until a condition is true. The real client uses the real clock, which a test cannot advance. */
export async function waitUntil(condition, what = String(condition), limit = 8_000) {
  for (const end = performance.now() + limit; performance.now() < end;) {
    if (await condition()) {
      return;
    }

    await new Promise((resolve) => setTimeout(resolve, 5));
  }

  throw new Error(`Not fulfilled within ${limit} ms: ${what}`);
}
