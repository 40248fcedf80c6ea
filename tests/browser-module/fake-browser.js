import { FakeServer, FakeStorage, ORIGIN, json, refused } from './fake-server.js';
import { FakeGoTrue, PROJECT } from './fake-gotrue.js';

/** `navigator.locks`: one after the other, by name. */
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
      await orAborted(before, signal);
      return await work({ name });
    } finally {
      release();
      if (this.#queues.get(name) === queue) {
        this.#queues.delete(name);
      }
    }
  };
}

function orAborted(promise, signal) {
  return new Promise((resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    Promise.resolve(promise).then(resolve, reject);
  });
}

class NoSocket {}

const locks = new FakeLocks();
let serial = 0;

/**
 * What Supabase's client looks for to know that it runs in a browser. To be called before a client is made; one set of locks
 * serves all tests, which tell themselves apart by the storage key.
 */
export function becomeBrowser() {
  globalThis.window = Object.assign(new EventTarget(), { location: new URL(`${ORIGIN}/app`) });
  globalThis.document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  Object.defineProperty(globalThis, 'navigator', { value: { locks }, configurable: true });
}

/** One browser: its storage and locks, shared by its tabs; Auth and the app behind them. */
export class FakeBrowser {
  auth = new FakeGoTrue();
  storage = new FakeStorage();
  storageKey = `sb-${++serial}-auth-token`;
  refusedTokens = new Set();
  tabs = [];
  app = new FakeServer({ now: () => performance.now() })
    .on('GET /session/health', ({ headers }) => {
      const token = headers.get('Authorization')?.slice('Bearer '.length) ?? null;
      return token !== null && this.auth.accepts(token) && !this.refusedTokens.has(token) ? json({ status: 'healthy', checks: [] }) : refused();
    });

  constructor({ secure = true } = {}) {
    this.locks = secure ? locks : null;
  }

  get environment() {
    const events = { window: new EventTarget(), document: null };
    return { fetch: this.app.fetch, random: Math.random, storage: this.storage, locks: this.locks, events, href: `${ORIGIN}/app` };
  }

  /** What the client of every tab finds. */
  get stored() {
    return JSON.parse(this.storage.getItem(this.storageKey));
  }

  store(session) {
    this.storage.setItem(this.storageKey, JSON.stringify(session));
  }

  /** A tab's client; `heard` is what the page itself would hear of it. */
  client(createClient, { fetch = this.auth.fetch, ...auth } = {}) {
    const client = createClient(PROJECT, 'sb_publishable_test', {
      auth: { storage: this.storage, storageKey: this.storageKey, ...auth },
      global: { fetch },
      realtime: { transport: NoSocket },
    });
    const tab = { client, heard: [], events: [] };
    this.tabs.push(tab);
    client.auth.onAuthStateChange((event) => void tab.heard.push(event));
    return tab;
  }

  /** A tab with the module's session over an adapter. */
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

/** Waits until something is so: the real client has a clock of its own, which no test can move. */
export async function until(isSo, what = String(isSo), limit = 8_000) {
  for (const end = performance.now() + limit; performance.now() < end;) {
    if (await isSo()) {
      return;
    }

    await new Promise((resolve) => setTimeout(resolve, 5));
  }

  throw new Error(`Not so within ${limit} ms: ${what}`);
}
