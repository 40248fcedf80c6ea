import { byId, setText, tenths } from './dom.js';
import { addEntry } from './log.js';
import { tab } from './memory.js';
import { currentOutage, outages } from './outage.js';
import { currentOwner } from './owner.js';
import { currentPayment, payments } from './payments.js';
import { beginBand, watchSound } from './player.js';
import { completedPayments, countCrash, countSignedOut } from './score.js';
import { session } from './session.js';
import { readStatement } from './statement.js';
import { askLedger, judgeBalance, judgeCharges, judgeSound } from './verdict.js';

const HEADLINES = {
  killed: 'Server killed', offline: 'You are offline', hanging: 'No response', lost: 'Server away', unseen: 'Server restarted',
};
const ENDS = { ...HEADLINES, offline: 'Offline' };
const HINT = 'Press play, then kill the server. Watch the sound, the balance and this card.';

const card = byId('survival');

/** The outage that the page shows. When a new outage begins, the result of an earlier outage is no longer shown. */
let shown = null;
let watch = null;

/** The version of the newest entry of the credit history; null until the history was read. */
let newest = null;

/** Shows each outage while it lasts, and shows afterwards what the page observed during the outage. */
export function showSurvival() {
  outages.addEventListener('began', ({ detail }) => {
    if (!detail.isBeforeSignIn) {
      showAway(detail);
    }
  });
  outages.addEventListener('ended', ({ detail }) => showReturn(detail));
  outages.addEventListener('dropped', ({ detail }) => {
    if (!detail.isBeforeSignIn) {
      endWatch('');
      showLast();
    }
  });
  payments.addEventListener('began', ({ detail }) => {
    watch?.keys.add(detail.key);
  });
  payments.addEventListener('settled', rememberNewest);
  session.addEventListener('credits-changed', () => {
    if (newest === null) {
      rememberNewest();
    }
  });
  session.addEventListener('session-lost', countSignedOut);
  showLast();
}

/** Removes the last outage and the credit history, because they belong to the user who signs out. */
export function clearSurvival() {
  newest = null;
  tab.forget('crash');
  showLast();
}

/**
 * Shows the result of the last outage, also after a reload of the page. If there was no outage yet, the function shows the card in its
 * initial state.
 */
function showLast() {
  const last = tab.recall('crash');
  shown = null;
  card.dataset.state = last === null ? 'none' : 'back';
  setText(byId('survival-title'), last?.title ?? 'No crash yet.');
  setText(byId('counter'), last?.duration ?? '');
  setText(byId('survival-hint'), last === null ? HINT : '');
  setText(byId('survival-said'), '');
  show(last?.ticks ?? []);
}

/** Stores the version of the newest entry of the credit history, so that entries of later charges can be recognized. */
async function rememberNewest() {
  const user = currentOwner();
  const statement = await readStatement(1);
  if (statement !== null && currentOutage() === null && currentOwner() === user) {
    newest = statement[0]?.version ?? 0;
  }
}

function showAway(outage) {
  shown = outage;
  const band = beginBand(outage.startedAt);
  const payment = currentPayment();
  watch = {
    before: { newest, completed: completedPayments() },
    keys: new Set(payment === null ? [] : [payment.key]),
    sound: watchSound(),
    band,
    timer: setInterval(() => {
      band.extend();
      showCounter(outage);
    }, 100),
  };
  card.dataset.state = 'away';
  setText(byId('survival-hint'), '');
  setText(byId('survival-said'), '');
  byId('ticks').replaceChildren();
  showCounter(outage);
  if (outage.cause === 'killed') {
    reveal();
  }
}

/** Scrolls the counter into view if the window does not show the whole page. */
function reveal() {
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  byId('counter').scrollIntoView({ block: 'nearest', behavior: isCalm ? 'instant' : 'smooth' });
}

function showCounter({ cause, startedAt }) {
  setText(byId('survival-title'), HEADLINES[cause]);
  setText(byId('counter'), tenths(performance.now() - startedAt));
}

/** Ends the measurements, and returns for how long the sound was silent. */
function endWatch(label) {
  const { sound, band, timer } = watch;
  clearInterval(timer);
  band.end(label);
  return sound.end();
}

async function showReturn(outage) {
  const duration = tenths(outage.endedAt - outage.startedAt);
  const silence = endWatch(duration);
  const { before, keys } = watch;
  if (outage.isSignedOut) {
    showLast();
    return;
  }

  if (outage.hasRestarted) {
    countCrash(outage.epochAfter);
  }

  const end = outage.hasRestarted && outage.cause === 'lost' ? ENDS.unseen : ENDS[outage.cause];
  const back = outage.cause === 'unseen' ? 'back within' : 'back in';
  const title = `${end} · ${back}`;
  card.dataset.state = 'back';
  setText(byId('survival-title'), title);
  setText(byId('counter'), duration);
  show([{ kind: 'wait', text: 'Checking the session and the balance…' }]);
  while (currentPayment() !== null) {
    await currentPayment().settled;
  }

  const answer = await askLedger();
  if (shown !== outage || !session.isAuthenticated) {
    return;
  }

  const ticks = [
    { kind: 'good', text: 'Still signed in' }, judgeBalance(answer), judgeSound(silence), ...judgeCharges(answer, keys, before),
  ];
  show(ticks);
  tab.remember('crash', { title, duration, ticks });
  const sentence = `${end}, ${back} ${duration}. ${ticks.map(({ text }) => `${text}.`).join(' ')}`;
  setText(byId('survival-said'), sentence);
  addEntry(sentence, ticks.some(({ kind }) => kind === 'bad') ? 'bad' : 'good');
  newest = answer.entries?.[0]?.version ?? newest;
  outage.keys = keys;
  outage.charges = answer.charges.filter(({ request }) => keys.has(request)).map(({ version, amount }) => ({ version, amount }));
  outages.dispatchEvent(new CustomEvent('judged', { detail: outage }));
}

function show(ticks) {
  byId('ticks').replaceChildren(...ticks.map(({ kind, text }) => {
    const item = document.createElement('li');
    item.dataset.kind = kind;
    item.textContent = text;
    return item;
  }));
}
