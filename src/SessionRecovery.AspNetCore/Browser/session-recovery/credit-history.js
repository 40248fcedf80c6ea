// @ts-check
/** @import { CreditHistoryEntry, CreditHistoryPage, Session } from '../session-recovery.js' */
import { registry } from './registry.js';

/**
 * `PAGE` is the number of entries per page. `MAX_EMPTY_PAGES` is the number of pages without a visible row after which the element stops
 * loading until the user requests more entries.
 */
const PAGE = 50;
const MAX_EMPTY_PAGES = 10;

/** The default texts of the element. The attribute `<name>-label` replaces the text with this name. */
const LABELS = Object.freeze({
  caption: 'Credit history', date: 'Date', entry: 'Entry', change: 'Change', balance: 'Balance',
  more: 'Show more', empty: 'No entries yet', loading: 'Loading', error: 'The history is not available at the moment.',
  init: 'Welcome credits', grant: 'Credits added', consume: 'Spent', refund: 'Refund', capture: 'Spent', adjust: 'Correction',
});

// The table fits into a width of 320 CSS pixels, because long words wrap. Numbers do not wrap.
const STYLE = ':host{display:block}table{border-collapse:collapse;width:100%}caption{text-align:start}'
  + 'th,td{padding:.25em;text-align:start;vertical-align:top;overflow-wrap:anywhere}'
  + '.number{text-align:end;white-space:nowrap;font-variant-numeric:tabular-nums}[hidden]{display:none}';

/** The base class of the element. A fallback class makes it possible to import the module outside a browser. */
const ElementBase = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

/**
 * @typedef {object} Parts the nodes in the element's shadow root
 * @property {HTMLElement} caption
 * @property {HTMLElement[]} headers
 * @property {HTMLElement} rows
 * @property {HTMLElement} status the live region of a screen reader
 * @property {HTMLButtonElement} more
 */

/**
 * Shows the credit history of the user of a session. Entries that only hold or return credits are not shown, because they do not change the
 * balance. The type declarations describe the attributes of the element.
 */
export class CreditHistoryElement extends ElementBase {
  static observedAttributes = Object.keys(LABELS).map((name) => `${name}-label`);

  /** @type {Session | null} the session that the page has set */
  #ownSession = null;

  /** @type {Session | null} the session that is shown */
  #session = null;

  /** @type {(() => void)[]} empty while the element is not in a document */
  #subscriptions = [];

  /** @type {Parts | null} */
  #parts = null;

  /** @type {Map<number, CreditHistoryEntry>} the entries by version, the newest first */
  #entries = new Map();

  /** @type {number | null} */
  #nextBefore = null;

  /** @type {'idle' | 'loading' | 'loaded' | 'failed'} */
  #state = 'idle';

  /** @type {AbortSignal | null} aborted when the user of the entries signs out or changes */
  #signal = null;

  /** The number of the latest load. The result of an earlier load is ignored. */
  #load = 0;

  get session() {
    return this.#ownSession ?? this.#session;
  }

  set session(session) {
    this.#ownSession = session ?? null;
    this.#followSession();
  }

  connectedCallback() {
    // If the page set the property before the element was defined, the value is an own property of the element and hides the accessor of
    // the class. The own property is therefore deleted, and its value is set again.
    if (Object.hasOwn(this, 'session')) {
      const { session } = this;
      Reflect.deleteProperty(this, 'session');
      this.session = session;
    }

    this.#parts ??= this.#createParts();
    this.#subscriptions.push(registry.changed.subscribe(() => this.#followSession()));
    this.#followSession();
  }

  disconnectedCallback() {
    this.#subscriptions.splice(0).forEach((unsubscribe) => unsubscribe());
    this.#session = null;
    this.#clear();
  }

  attributeChangedCallback() {
    this.#render();
  }

  #followSession() {
    if (this.#subscriptions.length === 0) {
      return;
    }

    const session = this.#ownSession ?? registry.newest;
    if (session !== this.#session) {
      this.#subscriptions.splice(1).forEach((unsubscribe) => unsubscribe());
      this.#session = session;
      this.#clear();
      if (session) {
        let seen = session.getSnapshot();
        this.#subscriptions.push(session.subscribe(() => {
          const before = seen;
          seen = session.getSnapshot();
          const isChanged = seen.credits.credits !== before.credits.credits || seen.credits.held !== before.credits.held;
          if (seen.isAuthenticated && (!before.isAuthenticated || isChanged || this.#state === 'idle')) {
            void this.#read(null);
          }
        }));
        void this.#read(null);
      }
    }

    this.#render();
  }

  #clear() {
    this.#load++;
    this.#entries = new Map();
    this.#nextBefore = null;
    this.#state = 'idle';
    this.#render();
  }

  /** @param {number | null} before the page contains only entries with lower versions; null for the newest entries */
  async #read(before) {
    const session = this.#session;
    const isRefresh = before === null;
    const load = ++this.#load;
    this.#state = 'loading';
    this.#render();
    for (let pages = 0; session !== null && pages < MAX_EMPTY_PAGES; pages++) {
      const page = await session.getCreditHistory({ before, limit: PAGE });
      if (load !== this.#load) {
        return;
      }

      if (page.status !== 'known') {
        this.#state = page.status === 'unauthenticated' ? 'idle' : 'failed';
        break;
      }

      // The entries of a user disappear as soon as the user signs out or another user signs in.
      if (page.signal !== this.#signal) {
        this.#signal = page.signal;
        page.signal.addEventListener('abort', () => this.#clear(), { once: true });
      }

      this.#add(page, before === null);
      this.#state = 'loaded';
      before = page.nextBefore;
      const shown = isRefresh ? [...this.#entries.values()] : page.entries;
      if (before === null || shown.some(isVisible)) {
        break;
      }
    }

    this.#render();
  }

  /**
   * @param {CreditHistoryPage} page
   * @param {boolean} isNewest whether the page contains the newest entries
   */
  #add(page, isNewest) {
    const [newest] = this.#entries.keys();
    const oldest = page.entries.at(-1)?.version ?? 0;
    if (isNewest && newest !== undefined && oldest <= newest + 1) {
      // The newest page and the known entries have no gap between them, so the older pages remain visible.
      this.#entries = new Map([...page.entries.map(byVersion), ...this.#entries]);
      return;
    }

    this.#entries = new Map([...(isNewest ? [] : this.#entries), ...page.entries.map(byVersion)]);
    this.#nextBefore = page.nextBefore;
  }

  /** @returns {Parts} */
  #createParts() {
    const document = this.ownerDocument;
    const root = this.attachShadow({ mode: 'open' });
    /**
     * @param {Node} parent
     * @param {string} name
     * @param {Record<string, string>} [attributes]
     */
    const append = (parent, name, attributes = {}) => createNode(document, parent, name, attributes);
    append(root, 'style').textContent = STYLE;
    const table = append(root, 'table', { part: 'table' });
    const caption = append(table, 'caption', { part: 'caption' });
    const row = append(append(table, 'thead'), 'tr');
    const headers = ['', '', 'number', 'number'].map((type) => append(row, 'th', { scope: 'col', class: type }));
    const rows = append(table, 'tbody');
    const status = append(root, 'p', { part: 'status', role: 'status' });
    const more = /** @type {HTMLButtonElement} */ (append(root, 'button', { part: 'more', type: 'button' }));
    more.addEventListener('click', () => void this.#read(this.#entries.size === 0 ? null : this.#nextBefore));
    return { caption, headers, rows, status, more };
  }

  #render() {
    if (this.#parts === null) {
      return;
    }

    const { caption, headers, rows, status, more } = this.#parts;
    const document = this.ownerDocument;
    caption.textContent = this.#getLabel('caption');
    /** @type {const} */ (['date', 'entry', 'change', 'balance']).forEach((name, column) => {
      /** @type {HTMLElement} */ (headers[column]).textContent = this.#getLabel(name);
    });
    const visible = [...this.#entries.values()].filter(isVisible);
    rows.replaceChildren(...visible.map((entry) => this.#createRow(document, entry)));
    const text = this.#state === 'failed' ? this.#getLabel('error')
      : this.#state === 'loading' ? this.#getLabel('loading')
        : this.#state === 'loaded' && visible.length === 0 ? this.#getLabel('empty') : '';
    if (status.textContent !== text) {
      status.textContent = text;
    }

    more.textContent = this.#getLabel('more');
    more.toggleAttribute('hidden', this.#state === 'loading' || (this.#nextBefore === null && this.#state !== 'failed'));
  }

  /**
   * @param {Document} document
   * @param {CreditHistoryEntry} entry
   */
  #createRow(document, entry) {
    const row = document.createElement('tr');
    const date = createNode(document, createNode(document, row, 'td'), 'time', { datetime: entry.createdAt });
    date.textContent = new Date(entry.createdAt).toLocaleDateString();
    createNode(document, row, 'td').textContent = entry.reason ?? this.#getLabel(entry.kind);
    const change = createNode(document, row, 'td', { class: 'number' });
    change.textContent = `${entry.amount > 0 ? '+' : '−'}${Math.abs(entry.amount).toLocaleString()}`;
    createNode(document, row, 'td', { class: 'number' }).textContent = entry.balance.toLocaleString();
    return row;
  }

  /** @param {string} name */
  #getLabel(name) {
    return this.getAttribute(`${name}-label`) ?? /** @type {Record<string, string>} */ (LABELS)[name] ?? name;
  }
}

/** @param {CreditHistoryEntry} entry */
const isVisible = (entry) => entry.amount !== 0;

/**
 * @param {CreditHistoryEntry} entry
 * @returns {[number, CreditHistoryEntry]}
 */
const byVersion = (entry) => [entry.version, entry];

/**
 * Creates an element and appends it to the parent.
 * @param {Document} document
 * @param {Node} parent
 * @param {string} name
 * @param {Record<string, string>} [attributes]
 */
function createNode(document, parent, name, attributes = {}) {
  const node = document.createElement(name);
  Object.entries(attributes).forEach(([attribute, value]) => node.setAttribute(attribute, value));
  parent.appendChild(node);
  return node;
}
