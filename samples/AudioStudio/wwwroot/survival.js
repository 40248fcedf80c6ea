import { byId, count, setText, tenths } from './dom.js';
import { addEntry } from './log.js';
import { tab } from './memory.js';
import { outages } from './outage.js';
import { currentPayment, openPayments, paymentCost, payments } from './payments.js';
import { beginBand, watchSound } from './player.js';
import { countChargedTwice, countCrash, countSignedOut, paymentsSoFar } from './score.js';
import { session } from './session.js';
import { attempts } from './traffic.js';

const HEADLINES = {
  killed: 'Server killed', offline: 'You are offline', hanging: 'No response', lost: 'Server away', unseen: 'Server restarted',
};
const ENDS = { ...HEADLINES, offline: 'Offline' };
const HINT = 'Press play, then kill the server. Watch the sound, the balance and this card.';

/** A sound that falls behind the clock by less than this did not audibly stop. */
const AUDIBLE_MS = 300;

const card = byId('survival');

/** The outage that is shown. The result of an earlier one is not shown any more. */
let shown = null;
let watch = null;

/** The last known balance, with the number of payments that were complete or open when it was read. */
let baseline = null;
let beforePayment = null;

/** Shows each outage while it lasts, and afterwards what the page observed of it. */
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
    beforePayment = baseline;
  });
  payments.addEventListener('settled', rememberPaidBalance);
  session.addEventListener('credits-changed', ({ detail }) => rememberBalance(detail));
  session.addEventListener('session-lost', countSignedOut);
  showLast();
}

/** Forgets the last outage and the balance, which belong to the user who signs out. */
export function clearSurvival() {
  baseline = null;
  beforePayment = null;
  tab.forget('crash');
  showLast();
}

/** Shows the result of the last outage, also after a reload, or the card as it is before the first one. */
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

function rememberBalance(reading) {
  if (reading.status === 'known') {
    baseline = { total: totalOf(reading), paid: paymentsSoFar(), open: openPayments().length };
  }
}

/** Remembers the balance after a payment if it contains the payment. The balance may have been read before the payment was complete. */
function rememberPaidBalance() {
  const reading = session.getSnapshot().credits;
  const paid = paymentsSoFar() - (beforePayment?.paid ?? 0);
  if (beforePayment !== null && reading.credits !== null && totalOf(reading) === beforePayment.total - paid * paymentCost()) {
    rememberBalance(reading);
  }
}

/** The credits of the user including those that a reservation holds. */
const totalOf = ({ credits, held }) => credits + (held ?? 0);

function showAway(outage) {
  shown = outage;
  const band = beginBand(outage.startedAt);
  const payment = currentPayment();
  watch = {
    baseline,
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

/** Brings the counter into view on a window that shows less than the whole page. */
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
  const { baseline: before, keys } = watch;
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

  const reading = await session.refreshCredits();
  if (shown !== outage || !session.isAuthenticated) {
    return;
  }

  const charge = judge(reading, before);
  const ticks = [
    { kind: 'good', text: 'Still signed in' },
    balanceTick(reading, charge),
    soundTick(silence),
    ...chargeTick(charge, keys),
  ];
  show(ticks);
  tab.remember('crash', { title, duration, ticks });
  const sentence = `${end}, ${back} ${duration}. ${ticks.map(({ text }) => `${text}.`).join(' ')}`;
  setText(byId('survival-said'), sentence);
  addEntry(sentence, ticks.some(({ kind }) => kind === 'bad') ? 'bad' : 'good');
  outage.charged = charge?.charged ?? null;
  outage.keys = keys;
  outages.dispatchEvent(new CustomEvent('judged', { detail: outage }));
}

/**
 * Compares the balance with the last one before the outage. The payments of every tab since then explain their price. A payment that was
 * open at one of the two readings may be contained in it or not.
 */
function judge(reading, before) {
  if (reading.status !== 'known' || before === null) {
    return null;
  }

  const cost = paymentCost();
  const paid = paymentsSoFar() - before.paid;
  const charged = before.total - totalOf(reading);
  const most = (paid + openPayments().length) * cost;
  const least = Math.max(0, paid - before.open) * cost;
  return {
    charged,
    paid,
    expected: before.total - paid * cost,
    tooMuch: Math.max(0, charged - most),
    isRight: charged >= least && charged <= most,
  };
}

function balanceTick(reading, charge) {
  if (reading.status !== 'known') {
    return { kind: 'plain', text: 'Balance not known' };
  }

  const credits = `${reading.credits.toLocaleString()} credit${reading.credits === 1 ? '' : 's'}`;
  return charge === null || charge.isRight
    ? { kind: 'good', text: credits }
    : { kind: 'bad', text: `${credits}, expected ${charge.expected.toLocaleString()}` };
}

function soundTick(silence) {
  if (silence === null) {
    return { kind: 'plain', text: 'No sound was playing' };
  }

  return silence < AUDIBLE_MS
    ? { kind: 'good', text: 'Sound never stopped' }
    : { kind: 'warn', text: `Sound paused for ${tenths(silence)}` };
}

function chargeTick(charge, keys) {
  if (charge === null) {
    return [];
  }

  if (charge.tooMuch > 0) {
    countChargedTwice(Math.ceil(charge.tooMuch / paymentCost()));
    return [{ kind: 'bad', text: `${charge.tooMuch} credits more than this browser has paid` }];
  }

  if (keys.size === 0) {
    return charge.charged === 0 ? [{ kind: 'good', text: 'Nothing charged' }] : [];
  }

  const open = openPayments().filter(({ key }) => keys.has(key)).length;
  if (open > 0) {
    return [{ kind: 'plain', text: 'A payment is not collected yet' }];
  }

  if (charge.paid === 0) {
    return [{ kind: 'plain', text: 'Not charged' }];
  }

  const sent = attempts.filter(({ key }) => keys.has(key)).length;
  const again = sent > keys.size ? `, sent ${count(sent, 'time')}` : '';
  return [{ kind: 'good', text: keys.size === 1 ? `Charged once${again}` : `${keys.size} payments, each charged once` }];
}

function show(ticks) {
  byId('ticks').replaceChildren(...ticks.map(({ kind, text }) => {
    const item = document.createElement('li');
    item.dataset.kind = kind;
    item.textContent = text;
    return item;
  }));
}
