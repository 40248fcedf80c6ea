/** Simulates the part of the DOM that a custom element uses. `install` makes it available as globals. */
export class FakeNode {
  attributes = new Map();
  children = [];
  style = {};
  writes = 0;
  #text = '';

  get textContent() {
    return this.#text;
  }

  set textContent(text) {
    this.#text = text;
    this.writes++;
  }

  setAttribute(name, value) {
    this.attributes.set(name, String(value));
    if (this.constructor.observedAttributes?.includes(name)) {
      this.attributeChangedCallback();
    }
  }

  getAttribute(name) {
    return this.attributes.get(name) ?? null;
  }

  hasAttribute(name) {
    return this.attributes.has(name);
  }

  toggleAttribute(name, on) {
    if (on) {
      this.attributes.set(name, '');
    } else {
      this.attributes.delete(name);
    }
  }

  appendChild(child) {
    this.children.push(child);
  }

  replaceChildren(...children) {
    this.children = children;
  }

  addEventListener(name, listener) {
    this[`on${name}`] = listener;
  }

  /** Returns the descendants with a name, in document order. */
  findAll(name) {
    return this.children.flatMap((child) => [...(child.name === name ? [child] : []), ...child.findAll(name)]);
  }

  attachShadow() {
    if (this.shadow) {
      throw new Error('The element already has a shadow root.');
    }

    this.shadow = new FakeNode();
    return this.shadow;
  }

  ownerDocument = { createElement: (name) => Object.assign(new FakeNode(), { name }) };
}

export const defined = new Map();

export function install() {
  globalThis.HTMLElement = FakeNode;
  globalThis.customElements = { get: (name) => defined.get(name), define: (name, type) => defined.set(name, type) };
}
