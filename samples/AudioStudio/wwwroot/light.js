import { byId, setText } from './dom.js';
import { currentOutage, outages } from './outage.js';
import { currentPayment } from './payments.js';
import { session } from './session.js';

/**
 * The interval between two reads of the balance while credits are held but this page has no running payment. In this case, a page that is
 * now closed has sent the request that holds the credits. The reads end when the credits are no longer held.
 */
const HELD_REFRESH_MS = 2_000;

const LIGHTS = {
  starting: ['checking', 'Checking'],
  suspect: ['checking', 'Checking'],
  recovering: ['checking', 'Recovering'],
  ready: ['ready', 'Ready'],
  offline: ['away', 'Server away'],
  signed_out: ['signed-out', 'Signed out'],
};

/** The text of the status light during an outage. An outage lasts longer than the state `offline` of the session. */
const OUTAGES = {
  killed: 'Restarting', offline: 'Offline', hanging: 'No response', lost: 'Server away', unseen: 'Server away',
};

let refresh = null;

/** Shows a status light for the current outage or the state of the session, and shows the credits that a reservation holds. */
export function followSession() {
  session.subscribe(show);
  for (const event of ['began', 'changed', 'ended', 'dropped']) {
    outages.addEventListener(event, show);
  }

  show();
}

function show() {
  const { state, credits: { held } } = session.getSnapshot();
  const outage = currentOutage();
  const [light, text] = outage === null ? LIGHTS[state] : ['away', OUTAGES[outage.cause]];
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
