import { byId, newKey, onClick, setEnabled, setText, showNote } from './dom.js';
import { addEntry } from './log.js';
import { messageForResponse } from './messages.js';
import { session } from './session.js';

const button = byId('refill');
const note = byId('player-note');

/** Offers new credits to a user who has spent all credits. The button exists in Development only. */
export function offerRefill() {
  button.hidden = false;
  setText(byId('poor-text'), 'Your credits are spent.');
  onClick(button, refill);
}

async function refill() {
  setEnabled(button, false);
  try {
    const response = await session.fetch('/studio/refill', { method: 'POST', headers: { 'Idempotency-Key': newKey() } });

    // The first attempt may have added the credits although its response was lost. If so, the server refuses the repeat, because the user
    // does not need credits.
    if (response.ok || response.status === 409) {
      const { credits } = await session.refreshCredits();
      addEntry(`The server granted credits${credits === null ? '' : ` · ${credits.toLocaleString()} now`}.`, 'good');
      showNote(note, '');
      byId('draw').focus();
    } else {
      showNote(note, await messageForResponse(response), 'bad');
    }
  } catch {
    showNote(note, 'The server did not answer. Try again.', 'bad');
  } finally {
    setEnabled(button, true);
  }
}
