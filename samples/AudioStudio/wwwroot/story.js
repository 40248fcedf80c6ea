import { byId, waitText } from './dom.js';
import { logEvent } from './log.js';
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

/** Shows the session's state as a light, and tells the story of every loss and return. */
export function followSession() {
  session.addEventListener('state-changed', ({ detail }) => follow(detail));
  session.addEventListener('session-lost', () => logEvent('The session ended; sign in again.', 'warn'));
  showLight();
}

/** The page itself is about to take the server away: the clock starts with the click. */
export function expectLoss() {
  markLoss();
}

function follow({ state, previous }) {
  showLight();
  if (state === 'offline') {
    markLoss();
    logEvent('The server went away.', 'bad');
  } else if (state === 'ready' && lostAt !== null) {
    tellReturn();
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

async function tellReturn() {
  const wait = waitText(performance.now() - lostAt);
  const before = creditsBefore;
  lostAt = null;
  logEvent(`Back after ${wait}, still signed in.`, 'good');
  const reading = await session.getCredits();
  if (reading.status === 'known') {
    logEvent(reading.credits === before ? `${reading.credits} credits, as before.` : `${reading.credits} credits.`, 'good');
  }
}

function showLight() {
  const [light, text] = LIGHTS[session.getSnapshot().state];
  byId('light').dataset.state = light;
  byId('light-text').textContent = text;
}
