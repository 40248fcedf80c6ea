import { byId, onClick, showNote } from './dom.js';
import { drawCurrent } from './draw.js';
import { addEntry } from './log.js';
import { messageForResponse } from './messages.js';
import { currentOutage, expectKill } from './outage.js';
import { session } from './session.js';

/** Shows the buttons that kill the server. They exist in Development only. */
export function offerKill() {
  byId('kill').hidden = false;
  byId('kill-hint').hidden = false;
  onClick(byId('kill'), kill);
  onClick(byId('kill-paying'), () => {
    drawCurrent();
    kill();
  });
}

async function kill() {
  if (currentOutage() !== null) {
    return;
  }

  addEntry('You killed the server.', 'warn');
  const expected = expectKill();
  try {
    // A killed server sends no response. The request has no idempotency key, so it is not repeated.
    const response = await session.fetch('/studio/crash', { method: 'POST' });
    if (response.headers.has('Session-Epoch')) {
      expected.failed();
      showNote(byId('player-note'), await messageForResponse(response), 'bad');
      return;
    }

    // A response without the epoch comes from a proxy in front of the server.
  } catch {
    // The connection ended with the server.
  }

  expected.succeeded();
  session.triggerRecoveryCheck('request_failed');
}
