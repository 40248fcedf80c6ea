import { byId, setText } from './dom.js';
import { session } from './session.js';

const LIGHTS = {
  starting: ['checking', 'Checking'],
  suspect: ['checking', 'Checking'],
  recovering: ['checking', 'Recovering'],
  ready: ['ready', 'Ready'],
  offline: ['away', 'Server away'],
  signed_out: ['signed-out', 'Signed out'],
};

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
}
