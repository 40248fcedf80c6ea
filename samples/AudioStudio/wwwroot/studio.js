import { followAccount } from './account.js';
import { followCrash } from './crash.js';
import { byId } from './dom.js';
import { forgetFiles, showFiles, whenChosen } from './files.js';
import { info } from './info.js';
import { forgetAll } from './log.js';
import { offerWaveforms, showOffer } from './offer.js';
import { session } from './session.js';
import { followSession } from './story.js';

let open = null;

/** Shows the studio while somebody is signed in, as far as anyone knows: a server that is away closes nothing. */
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
    forgetFiles();
    forgetAll();
    showOffer(null);
  }
}

async function openStudio() {
  try {
    await showFiles();
  } catch {
    // The list comes with the recovery, below.
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
