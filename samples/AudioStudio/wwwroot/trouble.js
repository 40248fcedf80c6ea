import { byId, setText } from './dom.js';
import { currentOutage, outages } from './outage.js';
import { currentPayment } from './payments.js';
import { isPlaying } from './player.js';
import { session } from './session.js';
import { isUploading } from './uploads.js';

const WHAT = {
  killed: 'The server is restarting.',
  offline: 'You are offline.',
  hanging: 'The server does not answer.',
  lost: 'The server is away.',
};

let timer = null;

/** Shows one sentence below the bar for as long as an outage lasts: what happens, what the user may do, and for how long it has lasted. */
export function showTrouble() {
  outages.addEventListener('began', begin);
  outages.addEventListener('ended', end);
  outages.addEventListener('dropped', end);
}

function end() {
  clearInterval(timer);
  timer = null;
  byId('trouble').hidden = true;
  setText(byId('trouble-text'), '');
}

function begin() {
  timer ??= setInterval(show, 200);
  show();
}

function show() {
  const outage = currentOutage();
  byId('trouble').hidden = false;
  setText(byId('trouble-text'), sentence(outage));
  setText(byId('trouble-time'), `${Math.floor((performance.now() - outage.startedAt) / 1000)} s`);
}

function sentence({ cause }) {
  if (session.getSnapshot().reason === 'sign_in_required') {
    return 'A sign-in page stands before the server. Reload this page to pass it.';
  }

  const repeated = currentPayment() !== null ? 'your payment is sent again by itself'
    : isUploading() ? 'your upload is sent again by itself' : 'the page comes back by itself';
  return `${WHAT[cause]} ${isPlaying() ? 'Keep listening' : 'Nothing is lost'}; ${repeated}.`;
}
