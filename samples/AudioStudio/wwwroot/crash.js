import { byId } from './dom.js';
import { addEntry } from './log.js';
import { drawCurrent } from './offer.js';
import { session } from './session.js';
import { expectLoss } from './story.js';

/** Shows the two buttons that crash the server. They exist in Development only. */
export function followCrash() {
  byId('crash-panel').hidden = false;
  byId('crash').addEventListener('click', () => crash());
  byId('crash-paying').addEventListener('click', () => {
    addEntry('Paying, and crashing before the response can arrive.', 'plain');
    drawCurrent();
    crash();
  });
}

async function crash() {
  addEntry('You crashed the server.', 'bad');
  expectLoss();
  try {
    // The server sends no response. The request has no idempotency key, so it is not repeated.
    await session.fetch('/studio/crash', { method: 'POST' });
  } catch {
    session.triggerRecoveryCheck('request_failed');
  }
}
