import { byId } from './dom.js';
import { offerWaveforms } from './draw.js';
import { clearFiles, showFiles } from './files.js';
import { showHood } from './hood.js';
import { info } from './info.js';
import { offerKill } from './kill.js';
import { followSession } from './light.js';
import { clearLog } from './log.js';
import { forget } from './memory.js';
import { watchOutages } from './outage.js';
import { forgetPayments, resumePayments } from './payments.js';
import { clearScore, showScore } from './score.js';
import { session } from './session.js';
import { clearSteps, leadThroughSteps } from './steps.js';
import { showSurvival } from './survival.js';
import { showTrouble } from './trouble.js';
import { followAccount, openStudio } from './welcome.js';

const root = document.documentElement;
let isOpen = null;

/** Shows the studio while a user is signed in. An outage of the server does not hide it. */
function show() {
  const { state, isAuthenticated } = session.getSnapshot();
  if (isAuthenticated === isOpen || (state === 'starting' && !isAuthenticated)) {
    return;
  }

  isOpen = isAuthenticated;
  root.dataset.view = isOpen ? 'studio' : 'welcome';
  if (isOpen) {
    open();
  } else {
    clearFiles();
    clearLog();
  }
}

async function open() {
  try {
    await showFiles();
    await resumePayments();
  } catch {
    // The server is unreachable. After the outage, the handler of `auth-recovered` below calls this function again.
  }
}

/** Forgets what belongs to the user who has signed out. After the loss of a session, everything is kept for the next sign-in. */
function forgetUser() {
  ['account', 'open', 'last'].forEach(forget);
  forgetPayments();
  clearScore();
  clearSteps();
}

session.subscribe(show);
session.addEventListener('auth-recovered', open);
byId('balance').session = session;
byId('local').hidden = Boolean(info.supabase);
followSession();
watchOutages();
showSurvival();
showTrouble();
showScore();
offerWaveforms();
if (info.development) {
  offerKill();
}

leadThroughSteps();
showHood(info.documentation);
followAccount(forgetUser);

// Enter does what the primary button says, as long as no control has the focus.
addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && [document.body, byId('content')].includes(document.activeElement)) {
    [...document.querySelectorAll('[data-primary]')].find((button) => button.checkVisibility())?.click();
  }
});

root.dataset.ready = 'true';
show();
if (root.dataset.wanted === 'open') {
  openStudio();
}
