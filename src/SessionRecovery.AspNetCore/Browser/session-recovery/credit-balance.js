// @ts-check
/** @import { Session } from '../session-recovery.js' */
import { UNAVAILABLE } from './balance.js';
import { registry } from './registry.js';

/** The style that hides a text on the screen but not from a screen reader. */
const VISUALLY_HIDDEN = 'position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap';

/**
 * The base class of CreditBalanceElement. A fallback class makes it possible to import the module outside a browser, where
 * HTMLElement does not exist.
 */
const ElementBase = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

/**
 * @typedef {object} Parts the nodes in the element's shadow root
 * @property {HTMLElement} value
 * @property {HTMLElement} staleMark
 * @property {HTMLElement} announcement the live region of a screen reader
 * @property {HTMLElement} staleNote
 */

/**
 * Shows the balance of the newest session of the page, or of the session that the page has set. The type declarations describe the
 * attributes of the element.
 */
export class CreditBalanceElement extends ElementBase {
  static observedAttributes = ['label', 'unknown-label', 'stale-label'];

  /** @type {Session | null} the session that the page has set */
  #ownSession = null;

  /** @type {Session | null} the session that is shown */
  #session = null;

  /** @type {(() => void) | null} */
  #unsubscribeSession = null;

  /** @type {(() => void) | null} null while the element is not in a document */
  #unsubscribeRegistry = null;

  /** @type {Parts | null} */
  #parts = null;

  get session() {
    return this.#ownSession ?? this.#session;
  }

  set session(session) {
    this.#ownSession = session ?? null;
    this.#followSession();
  }

  connectedCallback() {
    this.#readEarlyProperty();
    this.#parts ??= this.#createParts();
    this.#unsubscribeRegistry = registry.changed.subscribe(() => this.#followSession());
    this.#followSession();
  }

  disconnectedCallback() {
    this.#unsubscribeRegistry?.();
    this.#unsubscribeRegistry = null;
    this.#leaveSession();
  }

  attributeChangedCallback() {
    this.#render();
  }

  // If the page set the property before the element was defined, the value is an own property of the element and hides the accessor of the
  // class. The own property is therefore deleted, and its value is set again.
  #readEarlyProperty() {
    if (Object.hasOwn(this, 'session')) {
      const { session } = this;
      Reflect.deleteProperty(this, 'session');
      this.session = session;
    }
  }

  #followSession() {
    if (this.#unsubscribeRegistry === null) {
      return;
    }

    const session = this.#ownSession ?? registry.newest;
    if (session !== this.#session) {
      this.#leaveSession();
      this.#session = session;
      this.#unsubscribeSession = session?.subscribe(() => this.#render()) ?? null;
      if (session && session.getSnapshot().credits.status !== 'known') {
        void session.getCredits();
      }
    }

    this.#render();
  }

  #leaveSession() {
    this.#unsubscribeSession?.();
    this.#unsubscribeSession = null;
    this.#session = null;
  }

  /**
   * Creates separate nodes for the screen and for screen readers. Screen readers need their own text for two reasons: they do not read "–"
   * aloud, and a number alone does not express that it is a number of credits.
   *
   * @returns {Parts}
   */
  #createParts() {
    const root = this.attachShadow({ mode: 'open' });
    /** @param {Record<string, string>} attributes */
    const append = (attributes, css = '') => {
      const node = this.ownerDocument.createElement('span');
      for (const [name, value] of Object.entries(attributes)) {
        node.setAttribute(name, value);
      }

      node.style.cssText = css;
      root.appendChild(node);
      return node;
    };

    return {
      value: append({ part: 'value', 'aria-hidden': 'true' }),
      staleMark: append({ part: 'stale', 'aria-hidden': 'true' }),
      announcement: append({ role: 'status', 'aria-live': 'polite' }, VISUALLY_HIDDEN),

      // The note about a stale balance is outside of the live region, so that screen readers do not announce a lost connection.
      staleNote: append({}, VISUALLY_HIDDEN),
    };
  }

  #render() {
    if (this.#parts === null) {
      return;
    }

    const { credits, status } = this.#session?.getSnapshot().credits ?? UNAVAILABLE;
    const isStale = credits !== null && status === 'stale';
    const amount = credits?.toLocaleString() ?? null;
    setText(this.#parts.value, amount ?? '–');
    setText(this.#parts.staleMark, isStale ? '*' : '');
    setText(this.#parts.announcement, `${this.#getLabel('label', 'Credits')}: ${amount ?? this.#getLabel('unknown-label', 'unknown')}`);
    setText(this.#parts.staleNote, isStale ? this.#getLabel('stale-label', 'last known value') : '');
    if (isStale !== this.hasAttribute('stale')) {
      this.toggleAttribute('stale', isStale);
    }
  }

  /**
   * Gets the text of an attribute, or the default text if the attribute is missing.
   *
   * @param {string} attribute
   * @param {string} defaultLabel
   */
  #getLabel(attribute, defaultLabel) {
    return this.getAttribute(attribute) ?? defaultLabel;
  }
}

/**
 * Sets the text only if it has changed, because some screen readers announce a text each time it is set.
 *
 * @param {HTMLElement} node
 * @param {string} text
 */
function setText(node, text) {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}
