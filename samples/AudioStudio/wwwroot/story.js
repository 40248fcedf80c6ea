import { byId, waitText } from './dom.js';
import { addEntry } from './log.js';
import { session } from './session.js';

const LIGHTS = {
  starting: ['checking', 'Checking'],
  suspect: ['checking', 'Checking'],
  recovering: ['checking', 'Recovering'],
  ready: ['ready', 'Ready'],
  offline: ['away', 'Server away'],
  signed_out: ['signed-out', 'Signed out'],
};

let lostAt = null;
let creditsBefore = null;

/** Shows the state of the session as a status light, and logs each outage and its end. */
export function followSession() {
  session.addEventListener('state-changed', ({ detail }) => follow(detail));
  session.addEventListener('session-lost', () => addEntry('The session ended; sign in again.', 'warn'));
  session.addEventListener('sign-in-required', () =>
    addEntry('A sign-in page stands before the server. Reload this page to pass it.', 'warn'));
  showLight();
}

/** Starts the measurement of an outage that the page itself causes. */
export function expectLoss() {
  markLoss();
}

function follow({ state, previous }) {
  showLight();
  if (state === 'offline') {
    markLoss();
    addEntry('The server went away.', 'bad');
  } else if (state === 'ready' && lostAt !== null) {
    logReturn();
  } else if (state === 'signed_out') {
    lostAt = null;
  } else if (state === 'suspect' && previous === 'ready') {
    markLoss();
  }
}

function markLoss() {
  if (lostAt === null) {
    lostAt = performance.now();
    creditsBefore = session.getSnapshot().credits.credits;
  }
}

async function logReturn() {
  const wait = waitText(performance.now() - lostAt);
  const before = creditsBefore;
  lostAt = null;
  addEntry(`Back after ${wait}, still signed in.`, 'good');
  const result = await session.getCredits();
  if (result.status === 'known') {
    addEntry(result.credits === before ? `${result.credits} credits, as before.` : `${result.credits} credits.`, 'good');
  }
}

function showLight() {
  const [light, text] = LIGHTS[session.getSnapshot().state];
  byId('light').dataset.state = light;
  byId('light-text').textContent = text;
}
