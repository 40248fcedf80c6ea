import { newKey } from './dom.js';
import { info } from './info.js';
import { forget, recall, recallNames, remember } from './memory.js';
import { messageForResponse } from './messages.js';
import { countPayment } from './score.js';
import { session } from './session.js';
import { storeWaveform } from './waveform.js';

const PREFIX = 'payment.';

/** The events `began` and `settled`, which are dispatched when a payment is sent and when its result is known. */
export const payments = new EventTarget();

let current = null;

export const paymentCost = () => info.waveform_cost;

/** The payment that is being sent, or null. Its member `settled` is a promise, and `isPaid` is known once that has resolved. */
export const currentPayment = () => current;

/** Returns the payment of this file that was sent and whose result is not known, or null. */
export const openPayment = (file) => openPayments().find(({ name }) => name === file.name) ?? null;

/**
 * Returns whether the server has taken the credits of a payment although its response never arrived: nothing is held, and the balance is
 * lower by exactly the price.
 */
export function isAlreadyPaid(payment) {
  const { status, credits, held } = session.getSnapshot().credits;
  return payment !== null && payment.before !== null && status === 'known' && !held && credits === payment.before - paymentCost();
}

/**
 * Pays for the waveform of a file and stores it. The idempotency key is kept until the response arrives. After a crash, a lost response, a
 * reload or a second click, the same request is repeated and charged only once.
 */
export async function payForWaveform(file) {
  const { credits } = session.getSnapshot().credits;
  const payment = openPayment(file) ?? { key: newKey(), name: file.name, sha256: file.sha256, before: credits };
  remember(PREFIX + payment.key, payment);
  const running = { key: payment.key, isPaid: false };
  current = running;
  const result = send(payment);
  running.settled = result.then(({ peaks }) => { running.isPaid = peaks !== null; }, () => {});
  payments.dispatchEvent(new Event('began'));
  try {
    return await result;
  } finally {
    await running.settled;
    current = null;
    payments.dispatchEvent(new Event('settled'));
  }
}

/** Repeats every payment whose result is not known, for example because the page was reloaded. */
export async function resumePayments() {
  for (const payment of openPayments()) {
    if (current === null) {
      await payForWaveform(payment).catch(() => {});
    }
  }
}

/** Forgets the payments of a user who leaves. */
export const forgetPayments = () => recallNames(PREFIX).forEach(forget);

const openPayments = () => recallNames(PREFIX).map(recall).filter((payment) => payment?.key);

async function send({ key, name, sha256 }) {
  const response = await session.fetch('/api/waveforms', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
    body: JSON.stringify({ name }),
  });
  if (!response.ok) {
    if (isFinal(response.status)) {
      forget(PREFIX + key);
    }

    return { peaks: null, problem: await messageForResponse(response) };
  }

  const { peaks } = await response.json();
  storeWaveform(sha256, peaks);
  countPayment(key);
  forget(PREFIX + key);
  return { peaks, isReplay: response.headers.has('Idempotency-Replayed'), problem: null };
}

/** Returns whether repeating the same request cannot succeed. After any other status the key is kept for a repeat. */
const isFinal = (status) => [400, 402, 404, 410, 415, 422].includes(status);
