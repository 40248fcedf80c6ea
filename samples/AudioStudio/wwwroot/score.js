import { byId, setText } from './dom.js';
import { forget, recallNames, remember, whenChangedElsewhere } from './memory.js';
import { currentAccount } from './owner.js';

/** Counts the crashes and payments that the page has observed since the user signed in, over all tabs and reloads. */

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

/** Counts a session that the server has ended. All tabs have the same sign-in and count it only once. */
export const countSignedOut = () => add('signed-out', currentAccount()?.signIn);

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

whenChangedElsewhere(PREFIX, showScore);
