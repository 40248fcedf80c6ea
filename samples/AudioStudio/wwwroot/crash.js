import { byId } from './dom.js';
import { logEvent } from './log.js';
import { drawCurrent } from './offer.js';
import { session } from './session.js';
import { expectLoss } from './story.js';

/** The two buttons that end the server, for development only. */
export function followCrash() {
  byId('crash-panel').hidden = false;
  byId('crash').addEventListener('click', () => crash());
  byId('crash-paying').addEventListener('click', () => {
    logEvent('Paying, and crashing before the answer can come.', 'plain');
    drawCurrent();
    crash();
  });
}

async function crash() {
  logEvent('You crashed the server.', 'bad');
  expectLoss();
  try {
    // Sent once: without a key nothing repeats it, and no answer ever comes.
    await session.fetch('/studio/crash', { method: 'POST' });
  } catch {
    session.triggerRecoveryCheck('request_failed');
  }
}
