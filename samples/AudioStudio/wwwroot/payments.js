import { newKey } from './dom.js';
import { info } from './info.js';
import { forget, recall, recallNames, remember } from './memory.js';
import { messageForResponse } from './messages.js';
import { countPayment, paymentsSoFar } from './score.js';
import { session } from './session.js';
import { storeWaveform } from './waveform.js';

const PREFIX = 'payment.';

/** The events `began` (a payment is sent; it is the detail) and `settled` (the result is known or the payment has failed). */
export const payments = new EventTarget();

let current = null;

export const paymentCost = () => info.waveform_cost;

/** The payment that is being sent, or null. Its member `settled` is a promise that resolves when the result is known. */
export const currentPayment = () => current;

/** Returns the payment of this file that was sent and whose result is not known, or null. */
export const openPayment = (file) => openPayments().find(({ name }) => name === file.name) ?? null;

/**
 * Returns whether the server has taken the credits of a payment although its response never arrived: nothing is held, and the balance is
 * lower by exactly the price, and no other payment explains that.
 */
export function isAlreadyPaid(payment) {
  const { status, credits, held } = session.getSnapshot().credits;
  const isOnlyOne = payment.payments === paymentsSoFar() && openPayments().length === 1;
  return isOnlyOne && payment.before !== null && status === 'known' && !held && credits === payment.before - paymentCost();
}

/**
 * Pays for the waveform of a file and stores it. The idempotency key is kept until the response arrives. After a crash, a lost response, a
 * reload or a second click, the same request is repeated and charged only once.
 */
export function payForWaveform({ name, sha256 }) {
  const { credits } = session.getSnapshot().credits;
  return pay(openPayment({ name }) ?? { key: newKey(), name, sha256, before: credits, payments: paymentsSoFar() });
}

/** Repeats every payment whose result is not known, for example because the page was reloaded. No new payment is created. */
export async function resumePayments() {
  for (const { key } of openPayments()) {
    const payment = recall(PREFIX + key);
    if (current === null && payment !== null) {
      await pay(payment).catch(() => {});
    }
  }
}

async function pay(payment) {
  remember(PREFIX + payment.key, payment);
  const running = { key: payment.key };
  current = running;
  const result = send(payment);
  running.settled = result.catch(() => {});
  payments.dispatchEvent(new CustomEvent('began', { detail: running }));
  try {
    return await result;
  } finally {
    current = null;
    payments.dispatchEvent(new Event('settled'));
  }
}

/** Forgets the payments of a user who leaves. */
export const forgetPayments = () => recallNames(PREFIX).forEach(forget);

/** Returns the payments that were sent and whose results are not known. */
export const openPayments = () => recallNames(PREFIX).map(recall).filter((payment) => payment?.key);

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
