import { byId, setText } from './dom.js';
import { forget, recall, remember } from './memory.js';

/** Counts the crashes and payments that the page has observed since the account was created, over all tabs and reloads. */

const MAX_IDS = 500;
const EMPTY = { epochs: [], payments: [], chargedTwice: [], signedOut: 0 };

const read = () => ({ ...EMPTY, ...recall('score') });

/**
 * Counts a crash after which the session was ready again. The epoch identifies the start of the server, so that several tabs count the same
 * crash only once.
 */
export const countCrash = (epoch) => add('epochs', epoch);

/** Counts a payment. A repeated payment has the same idempotency key and is counted only once. */
export const countPayment = (key) => add('payments', key);

/** Counts a payment that the credit history contains more than once. */
export const countChargedTwice = (key) => add('chargedTwice', key);

export const countSignedOut = () => change((score) => { score.signedOut += 1; });

/** Returns the keys of the payments in the score. */
export const completedPayments = () => read().payments;

export function clearScore() {
  forget('score');
  showScore();
}

export function showScore() {
  const score = read();
  setText(byId('score-crashes'), String(score.epochs.length));
  setText(byId('score-payments'), String(score.payments.length));
  setText(byId('score-twice'), String(score.chargedTwice.length));
  setText(byId('score-signed-out'), String(score.signedOut));
}

function add(list, id) {
  change((score) => {
    if (!score[list].includes(id)) {
      score[list] = [...score[list], id].slice(-MAX_IDS);
    }
  });
}

function change(edit) {
  const score = read();
  edit(score);
  remember('score', score);
  showScore();
}

addEventListener('storage', showScore);
