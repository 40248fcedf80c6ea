import { newKey } from './dom.js';
import { info } from './info.js';
import { forget, recall, recallNames, remember } from './memory.js';
import { messageForResponse } from './messages.js';
import { countPayment } from './score.js';
import { session } from './session.js';
import { chargesIn, readStatement } from './statement.js';
import { storeWaveform } from './waveform.js';

const PREFIX = 'payment.';

/**
 * Dispatches the events `began` and `settled`. The detail of `began` is the payment that is sent. The detail of `settled` contains the name
 * of the file and the result: `peaks` and `isReplay`, or a `problem` and null as `peaks`.
 */
export const payments = new EventTarget();

let current = null;

/**
 * The idempotency keys of the charges in the credit history. This set is not stored with the payments, because another tab may remove a
 * settled payment at any time, and a tab that stores its own copy would open that payment again.
 */
let charged = new Set();

export const paymentCost = () => info.waveform_cost;

/** The payment that is being sent, or null. Its member `settled` is a promise that resolves when the result is known. */
export const currentPayment = () => current;

/** Returns the payment for the given file that was sent and whose result is not known, or null. */
export const openPayment = (file) => openPayments().find(({ name }) => name === file.name) ?? null;

/** Returns whether the credit history contains the charge of a payment whose response never arrived. */
export const isAlreadyPaid = ({ key }) => charged.has(key);

/** Reads from the ledger which of the payments without a result were charged. */
export async function checkOpenPayments() {
  const statement = openPayments().length === 0 ? null : await readStatement();
  if (statement !== null) {
    charged = new Set(chargesIn(statement).map(({ request }) => request));
  }
}

/**
 * Pays for the waveform of a file and stores it. The event `settled` contains the result. The idempotency key is stored until the response
 * arrives. After a crash, a lost response, a reload or a second click, the same request is repeated with this key and charged only once.
 */
export function payForWaveform({ name, sha256 }) {
  return pay(openPayment({ name }) ?? { key: newKey(), name, sha256 });
}

/** Repeats every payment whose result is not known, for example because the page was reloaded. No new payment is created. */
export async function resumePayments() {
  for (const { key } of openPayments()) {
    const payment = recall(PREFIX + key);
    if (current === null && payment !== null) {
      await pay(payment);
    }
  }
}

async function pay(payment) {
  remember(PREFIX + payment.key, payment);
  const running = { key: payment.key };
  current = running;
  running.settled = send(payment).catch(() => ({ peaks: null, problem: 'The server did not answer. Press again: you pay once.' }));
  payments.dispatchEvent(new CustomEvent('began', { detail: running }));
  const result = await running.settled;
  current = null;
  payments.dispatchEvent(new CustomEvent('settled', { detail: { name: payment.name, ...result } }));
}

/** Removes the stored payments of a user who signs out. */
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

/** Returns true if a repeat of the same request cannot succeed. As long as a repeat can succeed, the page keeps the idempotency key. */
const isFinal = (status) => [400, 402, 404, 410, 415, 422].includes(status);
