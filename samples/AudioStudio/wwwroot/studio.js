import { followAccount } from './account.js';
import { followCrash } from './crash.js';
import { byId } from './dom.js';
import { clearFiles, showFiles, whenChosen } from './files.js';
import { info } from './info.js';
import { clearLog } from './log.js';
import { offerWaveforms, showOffer } from './offer.js';
import { session } from './session.js';
import { followSession } from './story.js';

let open = null;

/** Shows the studio while a user is signed in. An outage of the server does not hide it. */
function show() {
  const { state, isAuthenticated } = session.getSnapshot();
  if (isAuthenticated === open || state === 'starting') {
    return;
  }

  open = isAuthenticated;
  byId('welcome').hidden = open;
  byId('studio').hidden = !open;
  byId('mine').hidden = !open;
  if (open) {
    openStudio();
  } else {
    clearFiles();
    clearLog();
    showOffer(null);
  }
}

async function openStudio() {
  try {
    await showFiles();
  } catch {
    // The server is unreachable. After the outage, the handler of `auth-recovered` below fetches the list.
  }
}

session.subscribe(show);
session.addEventListener('auth-recovered', openStudio);
whenChosen(showOffer);
byId('balance').session = session;
byId('local').hidden = Boolean(info.supabase);
followAccount();
followSession();

offerWaveforms(info.waveform_cost);
if (info.development) {
  followCrash();
}

show();
