import { byId, setText } from './dom.js';

const MAX_ENTRIES = 40;

const list = byId('log');

/** Adds an entry to the log on the page. The kind is plain, good, warn or bad. */
export function addEntry(text, kind = 'plain') {
  const item = document.createElement('li');
  item.dataset.kind = kind;
  const message = document.createElement('span');
  message.textContent = text;
  const when = document.createElement('time');
  when.setAttribute('aria-hidden', 'true');
  const now = new Date();
  when.dateTime = now.toISOString();
  when.title = now.toLocaleTimeString([], { hour12: false });
  item.append(message, when);
  list.prepend(item);
  while (list.children.length > MAX_ENTRIES) {
    list.lastElementChild.remove();
  }

  showTimes();
}

export function clearLog() {
  list.replaceChildren();
}

function showTimes() {
  for (const when of list.querySelectorAll('time')) {
    setText(when, ago(Date.now() - Date.parse(when.dateTime)));
  }
}

function ago(milliseconds) {
  const minutes = Math.floor(milliseconds / 60_000);
  if (milliseconds < 20_000) {
    return 'a moment ago';
  }

  return minutes < 1 ? 'less than a minute ago' : minutes < 60 ? `${minutes} min ago` : 'over an hour ago';
}

setInterval(showTimes, 10_000);
