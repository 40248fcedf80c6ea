import { byId, onClick, setEnabled, showNote } from './dom.js';
import { drawCurrent } from './draw.js';
import { addEntry } from './log.js';
import { messageForResponse } from './messages.js';
import { currentOutage, expectKill, outages } from './outage.js';
import { session } from './session.js';

/** The timeout of the request that kills the server. Usually the connection breaks at once when the server is killed. */
const TIMEOUT_MS = 5_000;

/** Shows the buttons that kill the server. The buttons exist in Development only. */
export function offerKill() {
  byId('kill').hidden = false;
  byId('kill-more').hidden = false;
  onClick(byId('kill'), kill);
  for (const event of ['began', 'ended', 'dropped']) {
    outages.addEventListener(event, () => setEnabled(byId('kill'), currentOutage() === null));
  }

  onClick(byId('kill-paying'), () => {
    drawCurrent();
    kill();
  });
}

async function kill() {
  if (currentOutage() !== null) {
    return;
  }

  const expected = expectKill();
  try {
    // A killed server sends no response. The request has no idempotency key, so it is not repeated.
    const response = await session.fetch('/studio/crash', { method: 'POST', signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.headers.has('Session-Epoch')) {
      expected.failed();
      showNote(byId('player-note'), await messageForResponse(response), 'bad');
      return;
    }

    // A response without the epoch comes from a proxy in front of the server.
  } catch {
    // The connection ended with the server.
  }

  addEntry('You killed the server.', 'warn');
  expected.succeeded();
}
