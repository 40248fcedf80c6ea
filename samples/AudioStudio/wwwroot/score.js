import { byId, newKey, setText } from './dom.js';
import { forget, recallNames, remember } from './memory.js';

/** Counts the crashes and payments that the page has observed since the account was created, over all tabs and reloads. */

const PREFIX = 'score.';

/**
 * Counts a crash after which the session was ready again. The epoch identifies the start of the server, so that several tabs count the same
 * crash only once.
 */
export const countCrash = (epoch) => add('crashes', epoch);

/** Counts a payment. A repeated payment has the same idempotency key and is counted only once. */
export const countPayment = (key) => add('payments', key);

/** Counts a payment that the credit history contains more than once. */
export const countChargedTwice = (key) => add('twice', key);

export const countSignedOut = () => add('signed-out', newKey());

/** Returns the keys of the payments in the score. */
export const completedPayments = () => idsOf('payments');

export function clearScore() {
  recallNames(PREFIX).forEach(forget);
  showScore();
}

export function showScore() {
  for (const counter of ['crashes', 'payments', 'twice', 'signed-out']) {
    setText(byId(`score-${counter}`), String(idsOf(counter).length));
  }
}

/** Stores each counted event under its own name, so that tabs that count at the same time do not overwrite each other. */
function add(counter, id) {
  remember(`${PREFIX}${counter}.${id}`, true);
  showScore();
}

function idsOf(counter) {
  const prefix = `${PREFIX}${counter}.`;
  return recallNames(prefix).map((name) => name.slice(prefix.length));
}

addEventListener('storage', showScore);
