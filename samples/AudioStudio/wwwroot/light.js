import { byId, setText } from './dom.js';
import { currentPayment } from './payments.js';
import { session } from './session.js';

/** Credits that no payment of this page explains are held by a request that has lost its page. The balance is read until they are free. */
const HELD_REFRESH_MS = 2_000;

const LIGHTS = {
  starting: ['checking', 'Checking'],
  suspect: ['checking', 'Checking'],
  recovering: ['checking', 'Recovering'],
  ready: ['ready', 'Ready'],
  offline: ['away', 'Server away'],
  signed_out: ['signed-out', 'Signed out'],
};

let refresh = null;

/** Shows the state of the session as a status light, and the credits that a reservation holds. */
export function followSession() {
  session.subscribe(show);
  show();
}

function show() {
  const { state, credits: { held } } = session.getSnapshot();
  const [light, text] = LIGHTS[state];
  byId('light').dataset.state = light;
  setText(byId('light-text'), text);
  byId('held').hidden = !(held > 0);
  setText(byId('held'), held > 0 ? `${held.toLocaleString()} held` : '');
  if (held > 0 && state === 'ready' && currentPayment() === null) {
    refresh ??= setTimeout(async () => {
      refresh = null;
      await session.refreshCredits();
      show();
    }, HELD_REFRESH_MS);
  }
}
