import { byId } from './dom.js';

const MOST = 40;

const list = byId('log');

/** Tells in the list on the page what just happened. Kinds: plain, good, warn, bad. */
export function tell(text, kind = 'plain') {
  const item = document.createElement('li');
  item.dataset.kind = kind;
  const words = document.createElement('span');
  words.textContent = text;
  const when = document.createElement('time');
  const now = new Date();
  when.dateTime = now.toISOString();
  when.textContent = now.toLocaleTimeString([], { hour12: false });
  item.append(words, when);
  list.prepend(item);
  while (list.children.length > MOST) {
    list.lastElementChild.remove();
  }
}

export function forgetAll() {
  list.replaceChildren();
}
