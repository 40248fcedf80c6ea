import { newKey } from './dom.js';
import { info } from './info.js';
import { forget, recall, recallNames, remember } from './memory.js';
import { messageForResponse } from './messages.js';
import { currentOwner, idOf } from './owner.js';
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

/** The idempotency keys of the charges that this tab has read in the credit history. */
const charged = new Set();

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
  chargesIn(statement ?? []).forEach(({ request }) => charged.add(request));
}

/**
 * Pays for the waveform of a file and stores it. The event `settled` contains the result. The idempotency key is stored until the response
 * arrives. After a crash, a lost response, a reload or a second click, the same request is repeated with this key and charged only once.
 */
export function payForWaveform({ name, sha256 }) {
  const open = openPayment({ name });
  if (open !== null) {
    return pay(open);
  }

  const payment = { key: newKey(), name, sha256, owner: currentOwner() };
  remember(PREFIX + payment.key, payment);
  return pay(payment);
}

/** Repeats every payment whose result is not known, for example because the page was reloaded. No new payment is created. */
export async function resumePayments() {
  for (const { key } of openPayments()) {
    const payment = recall(PREFIX + key);
    if (current === null && payment?.owner === currentOwner()) {
      await pay(payment);
    }
  }
}

/** Sends a stored payment. The payment is not stored again, because another tab may have completed and removed it in the meantime. */
async function pay(payment) {
  const running = { key: payment.key, controller: new AbortController() };
  current = running;
  running.settled = send(payment, running.controller.signal)
    .catch(() => ({ peaks: null, problem: 'The server did not answer. Press again: you pay once.' }));
  payments.dispatchEvent(new CustomEvent('began', { detail: running }));
  const result = await running.settled;
  current = null;
  payments.dispatchEvent(new CustomEvent('settled', { detail: { name: payment.name, ...result } }));
}

/** Stops waiting for the payment of a user whose session has ended. The payment remains stored. */
export const stopPayment = () => current?.controller.abort();

/**
 * Removes the open payments of a guest who signs out. A user with an e-mail address can sign in again later, so the payments are kept until
 * the next sign-in with this address.
 */
export function leavePayments({ isGuest, email }) {
  for (const payment of openPayments()) {
    if (isGuest) {
      forget(PREFIX + payment.key);
    } else if (payment.owner !== idOf(email)) {
      remember(PREFIX + payment.key, { ...payment, owner: idOf(email) });
    }
  }
}

/** Returns the payments of the signed-in user that were sent and whose results are not known. */
export const openPayments = () =>
  recallNames(PREFIX).map(recall).filter((payment) => payment?.key && payment.owner === currentOwner());

async function send({ key, name, sha256 }, signal) {
  const response = await session.fetch('/api/waveforms', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
    body: JSON.stringify({ name }),
    signal,
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
