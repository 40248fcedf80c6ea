import { setText } from './dom.js';
import { currentOutage, outages } from './outage.js';
import { currentPayment } from './payments.js';
import { isPlaying } from './player.js';
import { session } from './session.js';
import { isUploading } from './uploads.js';
import { currentWait } from './waiting.js';

const WHAT = {
  killed: 'The server is restarting.',
  offline: 'You are offline.',
  hanging: 'The server does not answer.',
  lost: 'The server is away.',
  unseen: 'The server has restarted.',
};

let timer = null;

/**
 * Shows a sentence below the title bar while an outage lasts. The sentence describes the outage, its duration and what the user can do. An
 * open dialog covers the bar, so the dialog shows the same sentence.
 */
export function showTrouble() {
  outages.addEventListener('began', begin);
  outages.addEventListener('ended', end);
  outages.addEventListener('dropped', end);
}

function end() {
  clearInterval(timer);
  timer = null;
  for (const line of document.querySelectorAll('.trouble')) {
    line.hidden = true;
    setText(line.querySelector('.trouble-text'), '');
  }
}

function begin() {
  timer ??= setInterval(show, 200);
  show();
}

function show() {
  const outage = currentOutage();
  for (const line of document.querySelectorAll('.trouble')) {
    line.hidden = false;
    setText(line.querySelector('.trouble-text'), sentence(outage));
    setText(line.querySelector('.trouble-time'), `${Math.floor((performance.now() - outage.startedAt) / 1000)} s`);
  }
}

function sentence({ cause }) {
  if (session.getSnapshot().reason === 'sign_in_required') {
    return 'A sign-in page stands before the server. Reload this page to pass it.';
  }

  if (currentWait() !== null) {
    return `${WHAT[cause]} ${currentWait().promise}`;
  }

  const repeated = currentPayment() !== null ? 'your payment is sent again by itself'
    : isUploading() ? 'your upload is sent again by itself' : 'the page comes back by itself';
  return `${WHAT[cause]} ${isPlaying() ? 'Keep listening' : 'Nothing is lost'}; ${repeated}.`;
}
