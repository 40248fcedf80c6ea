import { byId, count, setText, tenths } from './dom.js';
import { tab } from './memory.js';
import { outages } from './outage.js';
import { attempts, countAttempts, isUnanswered } from './traffic.js';

/** The time before and after an outage from which the recording also contains requests, in milliseconds. */
const MARGIN_MS = 300;

/** Shows the requests that the page recorded during the last crash, and the code that repeats such requests. */
export function showHood(documentation) {
  outages.addEventListener('judged', ({ detail }) => record(detail));
  const last = tab.recall('recording');
  if (last !== null) {
    show(last);
  }

  for (const button of document.querySelectorAll('.copy')) {
    button.addEventListener('click', () => copy(button));
  }

  if (documentation) {
    byId('documentation').hidden = false;
    byId('documentation').querySelector('a').href = documentation;
  }
}

/** Removes the recorded requests, because they belong to the user who signs out. */
export function clearHood() {
  tab.forget('recording');
  byId('recorded').hidden = true;
  byId('facts').replaceChildren();
  byId('waterfall').replaceChildren();
}

function record(outage) {
  const from = outage.startedAt - MARGIN_MS;
  const seen = attempts.filter(({ endedAt }) => (endedAt ?? Infinity) >= from);
  const to = Math.max(outage.endedAt, ...seen.map(({ endedAt }) => endedAt ?? 0)) + 1;
  const recording = { outage: { ...outage, keys: [...outage.keys] }, seen, from, to };
  tab.remember('recording', recording);
  show(recording);
}

function show({ outage, seen, from, to }) {
  byId('recorded').hidden = false;
  byId('facts').replaceChildren(...factsOf(outage, seen).flatMap(([term, text]) => [element('dt', term), element('dd', text)]));
  setText(byId('waterfall-span'), tenths(to - from));
  const requests = Map.groupBy(seen, ({ method, path, key }) => `${method} ${path} ${key}`);
  byId('waterfall').replaceChildren(...[...requests.values()].map((tries) => row(tries, from, to)));
}

function factsOf({ epochBefore, epochAfter, processBefore, processAfter, keys, charges = [] }, seen) {
  const facts = [['Epoch', change(short(epochBefore), short(epochAfter))]];
  if (processAfter !== null) {
    facts.push(['Process', change(processBefore ?? 'unknown', processAfter)]);
  }

  facts.push(['Requests', `${count(countAttempts(seen), 'attempt')}, ${countLost(seen)} lost`]);
  for (const paid of keys) {
    facts.push(['Idempotency key', `${short(paid)}, sent ${count(countAttempts(seen.filter(({ key }) => key === paid)), 'time')}`]);
  }

  for (const { version, amount } of charges) {
    facts.push(['Ledger', `entry ${version}: ${count(-amount, 'credit')} charged`]);
  }

  return facts;
}

const countLost = (seen) => countAttempts(seen.filter(isUnanswered));

const change = (before, after) => (before === after ? `${before}, the same` : `${before} → ${after}`);

const short = (id) => (id === null ? 'unknown' : id.length > 8 ? `${id.slice(0, 8)}…` : id);

/** Creates a row for a request, with a bar for each of its attempts. */
function row(tries, from, to) {
  const item = document.createElement('tr');
  const request = element('th', `${tries[0].method} ${tries[0].path}`);
  request.scope = 'row';
  const lost = countLost(tries);
  const times = document.createElement('td');
  times.append(...tries.map(({ startedAt, endedAt, status }) => {
    const bar = document.createElement('span');
    bar.className = 'span';
    bar.dataset.kind = status === null ? 'lost' : status < 400 ? 'good' : 'bad';
    bar.style.insetInlineStart = `${Math.max(0, startedAt - from) / (to - from) * 100}%`;
    bar.style.width = `${((endedAt ?? to) - Math.max(startedAt, from)) / (to - from) * 100}%`;
    return bar;
  }), unseen(`from ${tenths(Math.max(0, tries[0].startedAt - from))} to ${tenths((tries.at(-1).endedAt ?? to) - from)}`));
  item.append(request, element('td', `${lost > 0 ? `${lost} lost, ` : ''}${resultOf(tries.at(-1))}`), times);
  return item;
}

function resultOf({ endedAt, status, isReplay }) {
  return endedAt === null ? 'waiting' : status === null ? 'no response' : `${status}${isReplay ? ' replayed' : ''}`;
}

function element(name, text) {
  const created = document.createElement(name);
  created.textContent = text;
  return created;
}

function unseen(text) {
  const created = element('span', text);
  created.className = 'unseen';
  return created;
}

async function copy(button) {
  const code = byId(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(code.textContent);
  } catch {
    // If the page has no secure context, the clipboard is not available. The text is selected instead, so that the user can copy it.
    getSelection().selectAllChildren(code);
    return;
  }

  button.textContent = 'Copied';
  setTimeout(() => { button.textContent = 'Copy'; }, 2_000);
}
