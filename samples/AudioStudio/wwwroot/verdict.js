import { count, tenths } from './dom.js';
import { openPayments } from './payments.js';
import { countChargedTwice } from './score.js';
import { session } from './session.js';
import { chargesIn, readStatement } from './statement.js';
import { attempts, countAttempts } from './traffic.js';

/** The time, in milliseconds, by which a sound may fall behind the clock without an audible interruption. */
const AUDIBLE_MS = 300;

/**
 * Reads the balance and the credit history from the server's ledger after an outage. A payment of another device may happen between the two
 * reads, so both are repeated if the balance and the credit history differ.
 *
 * @returns the balance, and the charges of the credit history; `entries` is null if the credit history cannot be read
 */
export async function askLedger() {
  let answer = await readBoth();
  if (answer.entries !== null && !agree(answer)) {
    answer = await readBoth();
  }

  return { ...answer, charges: chargesIn(answer.entries ?? []) };
}

async function readBoth() {
  const reading = await session.refreshCredits();
  return { reading, entries: await readStatement() };
}

/** Returns whether the balance is equal to the balance after the newest entry of the credit history. */
const agree = ({ reading, entries }) => entries.length > 0 && reading.credits + (reading.held ?? 0) === entries[0].balance;

export function judgeBalance({ reading, entries }) {
  if (reading.status !== 'known') {
    return { kind: 'plain', text: 'Balance not known' };
  }

  const text = `${reading.credits.toLocaleString()} credit${reading.credits === 1 ? '' : 's'}`;
  return entries === null || agree({ reading, entries })
    ? { kind: 'good', text }
    : { kind: 'bad', text: `${text}, but the statement says ${entries[0]?.balance.toLocaleString()}` };
}

export function judgeSound(silence) {
  if (silence === null) {
    return { kind: 'plain', text: 'No sound was playing' };
  }

  return silence < AUDIBLE_MS
    ? { kind: 'good', text: 'Sound never stopped' }
    : { kind: 'warn', text: `Sound paused for ${tenths(silence)}` };
}

/**
 * Determines from the idempotency keys in the credit history which payments were charged.
 *
 * @param answer the balance and the credit history
 * @param keys the keys of the payments of this tab that were sent during the outage
 * @param before the state before the outage: the version of the `newest` entry, and the keys of the `completed` payments
 */
export function judgeCharges({ entries, charges }, keys, before) {
  if (entries === null) {
    return [];
  }

  const twice = findDuplicates(charges);
  if (twice.length > 0) {
    twice.forEach(countChargedTwice);
    return [{ kind: 'bad', text: `Charged twice: ${count(twice.length, 'payment')}` }];
  }

  return keys.size === 0 ? judgeQuiet(charges, before) : judgePayments(charges, keys);
}

function findDuplicates(charges) {
  const requests = charges.map(({ request }) => request).filter((request) => request !== null);
  return [...new Set(requests.filter((request, index) => requests.indexOf(request) !== index))];
}

/**
 * Determines the result of an outage during which this tab sent no payment. Payments of other tabs and devices do not change the result.
 */
function judgeQuiet(charges, { newest, completed }) {
  const isQuiet = newest !== null && charges.every(({ version, request }) => version <= newest || completed.includes(request));
  return isQuiet ? [{ kind: 'good', text: 'Nothing charged' }] : [];
}

function judgePayments(charges, keys) {
  if (openPayments().some(({ key }) => keys.has(key))) {
    return [{ kind: 'plain', text: 'A payment is not collected yet' }];
  }

  const charged = charges.filter(({ request }) => keys.has(request));
  if (charged.length === 0) {
    return [{ kind: 'plain', text: 'Not charged' }];
  }

  const sent = countAttempts(attempts.filter(({ key }) => keys.has(key)));
  const again = sent > keys.size ? `, sent ${count(sent, 'time')}` : '';
  return [{ kind: 'good', text: charged.length === 1 ? `Charged once${again}` : `${charged.length} payments, each charged once` }];
}
