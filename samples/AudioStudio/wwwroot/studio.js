import { byId, showNote } from './dom.js';
import { offerWaveforms } from './draw.js';
import { clearFiles, showFiles } from './files.js';
import { clearHood, showHood } from './hood.js';
import { info } from './info.js';
import { offerKill } from './kill.js';
import { followSession } from './light.js';
import { clearLog } from './log.js';
import { forget, recallNames } from './memory.js';
import { watchOutages } from './outage.js';
import { currentAccount, noticeOwner, owner } from './owner.js';
import { leavePayments, resumePayments, stopPayment } from './payments.js';
import { offerRefill } from './refill.js';
import { clearScore, showScore } from './score.js';
import { session } from './session.js';
import { clearSteps, leadThroughSteps } from './steps.js';
import { clearSurvival, showSurvival } from './survival.js';
import { showTrouble } from './trouble.js';
import { followAccount } from './welcome.js';

const root = document.documentElement;
let isOpen = null;

/** Shows the studio while a user is signed in. An outage of the server does not hide the studio. */
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
    document.querySelectorAll('dialog[open]').forEach((dialog) => dialog.close());
    stopPayment();
    const stopped = clearFiles();
    clearLog();
    showNote(byId('left-note'), stopped.length === 0 ? '' : `Not stored, because you were signed out: ${stopped.join(', ')}.`);
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

/** Removes all data of the user who signs out. If the session was lost without a sign-out, the data is kept for the next sign-in. */
function forgetUser() {
  const account = currentAccount();
  if (account !== null) {
    leavePayments(account);
  }

  ['account', 'open', 'last', ...recallNames('bands.'), ...recallNames('waveform.')].forEach(forget);
  clearScore();
  clearSteps();
  forgetTab();
}

/** Removes what this tab shows of its last user. */
function forgetTab() {
  clearSurvival();
  clearHood();
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
  offerRefill();
}

leadThroughSteps();
showHood(info.documentation);
followAccount(forgetUser);
owner.addEventListener('changed', forgetTab);
noticeOwner();

// The Enter key clicks the primary button if no control has the focus.
addEventListener('keydown', (event) => {
  const isFree = [document.body, byId('content')].includes(document.activeElement) && !document.querySelector('dialog[open]');
  if (event.key === 'Enter' && !event.repeat && isFree) {
    [...document.querySelectorAll('[data-primary]')].find((button) => button.checkVisibility())?.click();
  }
});

root.dataset.ready = 'true';
show();
if (root.dataset.wanted) {
  byId(root.dataset.wanted).click();
}
