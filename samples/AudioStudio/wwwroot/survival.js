import { byId, count, setText, tenths } from './dom.js';
import { addEntry } from './log.js';
import { outages } from './outage.js';
import { currentPayment, paymentCost } from './payments.js';
import { beginBand, watchSound } from './player.js';
import { countChargedTwice, countCrash, countSignedOut, paymentsSoFar } from './score.js';
import { session } from './session.js';
import { attempts } from './traffic.js';

const HEADLINES = { killed: 'Server killed', offline: 'You are offline', hanging: 'No response', lost: 'Server away' };
const ENDS = { killed: 'Server killed', offline: 'Offline', hanging: 'No response', lost: 'Server away' };

/** A sound that falls behind the clock by less than this did not audibly stop. */
const AUDIBLE_MS = 300;

const card = byId('survival');
let watch = null;

/** Shows each outage while it lasts, and afterwards what the page observed of it. */
export function showSurvival() {
  outages.addEventListener('began', ({ detail }) => showAway(detail));
  outages.addEventListener('ended', ({ detail }) => showReturn(detail));
}

function showAway(outage) {
  if (watch === null) {
    watch = observe(outage);
  }

  card.dataset.state = 'away';
  setText(byId('survival-title'), HEADLINES[outage.cause]);
  setText(byId('survival-hint'), '');
  setText(byId('survival-said'), '');
  byId('ticks').replaceChildren();
  showCounter(outage);
}

/** Remembers what the page knows before the outage, and measures the sound from now on. */
function observe(outage) {
  const band = beginBand();
  return {
    total: totalOf(session.getSnapshot().credits),
    payment: currentPayment(),
    sound: watchSound(),
    band,
    timer: setInterval(() => {
      band.extend();
      showCounter(outage);
    }, 100),
  };
}

/** The credits of the user including those that a reservation holds, or null if they are not known. */
const totalOf = ({ credits, held }) => (credits === null ? null : credits + (held ?? 0));

function showCounter({ startedAt }) {
  setText(byId('counter'), tenths(performance.now() - startedAt));
}

async function showReturn(outage) {
  const { total, payment, sound, band, timer } = watch;
  watch = null;
  clearInterval(timer);
  const duration = tenths(outage.endedAt - outage.startedAt);
  band.end(duration);
  if (outage.isSignedOut) {
    countSignedOut();
    card.dataset.state = 'none';
    setText(byId('survival-title'), 'The session ended.');
    setText(byId('counter'), '');
    return;
  }

  if (outage.epochAfter !== outage.epochBefore && outage.epochBefore !== null) {
    countCrash(outage.epochAfter);
  }

  card.dataset.state = 'back';
  setText(byId('survival-title'), `${ENDS[outage.cause]} · back in`);
  setText(byId('counter'), duration);
  const ticks = [{ kind: 'good', text: 'Still signed in' }];
  show(ticks, 'Checking the balance…');
  const silence = sound.end();
  await payment?.settled;
  const credits = await session.refreshCredits();
  ticks.push(balanceTick(credits, total, payment));
  ticks.push(soundTick(silence));
  ticks.push(...chargeTick(credits, total, payment));
  show(ticks);
  const sentence = `${ENDS[outage.cause]}, back in ${duration}. ${ticks.map(({ text }) => `${text}.`).join(' ')}`;
  setText(byId('survival-said'), sentence);
  addEntry(sentence, ticks.some(({ kind }) => kind === 'bad') ? 'bad' : 'good');
  outage.charged = total === null || credits.status !== 'known' ? null : total - totalOf(credits);
  outage.payment = payment;
  outages.dispatchEvent(new CustomEvent('judged', { detail: outage }));
}

function balanceTick(reading, total, payment) {
  if (reading.status !== 'known') {
    return { kind: 'plain', text: 'Balance not known' };
  }

  const now = totalOf(reading);
  const expected = total === null ? now : total - (payment?.isPaid ? paymentCost() : 0);
  return now === expected
    ? { kind: 'good', text: `${reading.credits.toLocaleString()} credits` }
    : { kind: 'bad', text: `${reading.credits.toLocaleString()} credits, expected ${expected.toLocaleString()}` };
}

function soundTick(silence) {
  if (silence === null) {
    return { kind: 'plain', text: 'No sound was playing' };
  }

  return silence < AUDIBLE_MS
    ? { kind: 'good', text: 'Sound never stopped' }
    : { kind: 'warn', text: `Sound paused for ${tenths(silence)}` };
}

function chargeTick(reading, total, payment) {
  const payments = paymentsSoFar();
  if (reading.status !== 'known' || total === null || (payment === null && payments === 0)) {
    return [];
  }

  const charged = total - totalOf(reading);
  const times = payment?.isPaid ? 1 : 0;
  if (charged > times * paymentCost()) {
    countChargedTwice(Math.ceil(charged / paymentCost()) - times);
    return [{ kind: 'bad', text: `${charged} credits too many charged` }];
  }

  if (payment !== null && !payment.isPaid) {
    return [{ kind: 'plain', text: 'Not charged' }];
  }

  const sent = payment === null ? 0 : attempts.filter(({ key }) => key === payment.key).length;
  const again = sent > 1 ? `, sent ${count(sent, 'time')}` : '';
  return [{ kind: 'good', text: payments === 1 || payment !== null ? `Charged once${again}` : `${payments} payments, each charged once` }];
}

function show(ticks, waiting = null) {
  const rows = waiting === null ? ticks : [...ticks, { kind: 'wait', text: waiting }];
  byId('ticks').replaceChildren(...rows.map(({ kind, text }) => {
    const item = document.createElement('li');
    item.dataset.kind = kind;
    item.textContent = text;
    return item;
  }));
}
