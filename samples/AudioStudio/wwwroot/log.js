import { byId } from './dom.js';

const MAX_ENTRIES = 40;

const list = byId('log');

/** Adds an entry to the log on the page. The kind is plain, good, warn or bad. */
export function addEntry(text, kind = 'plain') {
  const item = document.createElement('li');
  item.dataset.kind = kind;
  const message = document.createElement('span');
  message.textContent = text;
  const when = document.createElement('time');
  const now = new Date();
  when.dateTime = now.toISOString();
  when.textContent = now.toLocaleTimeString([], { hour12: false });
  item.append(message, when);
  list.prepend(item);
  while (list.children.length > MAX_ENTRIES) {
    list.lastElementChild.remove();
  }
}

export function clearLog() {
  list.replaceChildren();
}
