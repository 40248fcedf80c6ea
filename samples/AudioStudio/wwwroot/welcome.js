import { accounts } from './accounts.js';
import { byId, newKey, onClick, setEnabled, setText, showNote } from './dom.js';
import { finishDeletion, useTestTone } from './files.js';
import { forget, remember, whenChangedElsewhere } from './memory.js';
import { messageFor } from './messages.js';
import { currentOutage, outages } from './outage.js';
import { currentAccount, idOf, isGuest, rememberAccount } from './owner.js';
import { session } from './session.js';
import { beginWait, currentWait, endWait, waits } from './waiting.js';

/** The texts that are shown to users for the reasons of a lost session. */
const REASONS = {
  no_user_id: 'Your sign-in names no user. Sign in again.',
  user_banned: 'This account is blocked.',
  user_not_found: 'This account no longer exists.',
};

/** The maximum time for which a sign-out waits for a deletion that the user could still undo. */
const DELETION_MS = 2_000;

const form = byId('sign');
const password = byId('password');

let forgetUser = () => {};

/** Handles sign-ups, sign-ins and sign-outs. The given function removes the data of a user who signs out. */
export function followAccount(whenLeft) {
  forgetUser = whenLeft;
  onClick(byId('open'), openStudio);
  onClick(byId('show-sign'), () => showSign(''));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    sign(event.submitter?.value === 'sign-up');
  });
  onClick(byId('sign-out'), () => (isGuest() ? byId('leave-dialog').showModal() : leave()));
  onClick(byId('leave'), leave);
  for (const id of ['keep', 'keep-instead']) {
    onClick(byId(id), () => {
      byId('leave-dialog').close();
      showNote(byId('keep-note'), '');
      byId('keep-dialog').showModal();
    });
  }

  for (const button of document.querySelectorAll('.cancel')) {
    button.addEventListener('click', () => currentWait()?.cancel());
  }

  byId('keep-dialog').addEventListener('close', () => currentWait()?.cancel());
  for (const [target, event] of [[outages, 'began'], [outages, 'ended'], [outages, 'dropped'], [waits, 'changed']]) {
    target.addEventListener(event, showCancel);
  }

  for (const button of document.querySelectorAll('[data-closes]')) {
    button.addEventListener('click', () => byId(button.dataset.closes).close());
  }

  byId('keep-form').addEventListener('submit', (event) => {
    event.preventDefault();
    keep();
  });
  session.addEventListener('session-lost', ({ detail }) => {
    forget('open');
    if (isGuest()) {
      showNote(byId('open-note'), 'You were signed out. This studio had no e-mail and can’t be opened again. Open a new one.', 'bad');
      return;
    }

    showSign(`You were signed out. ${REASONS[detail.reason] ?? 'The server no longer accepts this sign-in. Sign in again.'}`);
  });
  whenChangedElsewhere('account', showGuest);
  showGuest();
}

/** Creates a guest account whose files contain a test tone. */
async function openStudio() {
  const promise = 'Your studio opens as soon as the server is back.';
  const result = await attempt(byId('open-note'), promise, (signal) => accounts.openGuest(signal));
  if (result.ok) {
    begin(null);
    await session.whenReady();
    if (session.isAuthenticated) {
      await useTestTone();
    }
  } else if (result.problem.code === 'anonymous_provider_disabled') {
    showSign('');
  }
}

async function sign(isNew) {
  if (!form.reportValidity()) {
    return;
  }

  const email = byId('email').value.trim();
  const act = isNew ? accounts.signUp : accounts.signIn;
  const promise = isNew ? 'Your account is created as soon as the server is back.' : 'You are signed in as soon as the server is back.';
  const result = await attempt(byId('sign-note'), promise, (signal) => act(email, password.value, signal));
  if (result.ok) {
    password.value = '';
    begin(email);
  }
}

async function keep() {
  const keepForm = byId('keep-form');
  if (!keepForm.reportValidity()) {
    return;
  }

  const email = byId('keep-email').value.trim();
  const promise = 'Your studio is kept as soon as the server is back.';
  const result = await attempt(byId('keep-note'), promise,
    (signal) => accounts.keepGuest(email, byId('keep-password').value, session, signal));
  if (result.ok) {
    byId('keep-password').value = '';
    rememberAccount({ ...currentAccount(), email, isGuest: false });
    byId('keep-dialog').close();
    showGuest();
    byId('sign-out').focus();
  }
}

/** Stores which user has signed in. A guest has no e-mail address. */
function begin(email) {
  const last = currentAccount();
  const isSame = last !== null && last.email !== null && last.email === email;
  if (!isSame) {
    forgetUser();
  }

  const id = isSame ? last.id : email === null ? newKey() : idOf(email);
  rememberAccount({ email, isGuest: email === null, id, signIn: newKey() });
  remember('open', true);
  showGuest();
  byId('content').focus({ preventScroll: true });
  scrollTo(0, 0);
}

async function leave() {
  byId('leave-dialog').close();
  const email = currentAccount()?.email ?? '';

  // Another tab may end the session first. The form is prepared as soon as the session has ended, because the user may fill it in before
  // the server has responded to the sign-out.
  const ended = whenSignedOut();
  await Promise.race([ended, finishDeletion(), new Promise((done) => { setTimeout(done, DELETION_MS); })]);
  if (session.isAuthenticated) {
    forgetUser();
    showGuest();
    await Promise.race([ended, session.signOut()]);
  }

  byId('email').value = email;
  if (email) {
    showSign('');
  } else {
    byId('open').focus();
  }
}

function whenSignedOut() {
  return new Promise((done) => {
    const unsubscribe = session.subscribe(() => {
      if (!session.isAuthenticated) {
        unsubscribe();
        done();
      }
    });
  });
}

/** Shows the sign-in form with the address of the last user. */
function showSign(reason) {
  form.hidden = false;
  byId('open').classList.remove('primary');
  byId('open').removeAttribute('data-primary');
  byId('show-sign').hidden = true;
  setText(byId('sign-reason'), reason);
  byId('email').value ||= currentAccount()?.email ?? '';
  (byId('email').value ? password : byId('email')).focus();
}

function showGuest() {
  byId('keep').hidden = !isGuest() || !accounts.keepGuest;
  byId('keep-instead').hidden = byId('keep').hidden;
}

/**
 * Disables the buttons for accounts while an action runs, and shows the problem that the action returns. During an outage the action waits,
 * and the user can cancel it. If this function is called while an action is running, the call is ignored.
 */
async function attempt(note, promise, action) {
  if (currentWait() !== null) {
    return { ok: false, problem: { code: null } };
  }

  const { signal } = beginWait(promise);
  const buttons = document.querySelectorAll('#open, #sign [type="submit"], #keep-form [type="submit"]');
  buttons.forEach((other) => setEnabled(other, false));
  showNote(note, '');
  const result = await action(signal).catch(() => ({ ok: false, problem: { code: 'unreachable' } }));
  if (!result.ok && !signal.aborted) {
    showNote(note, messageFor(result.problem), 'bad');
  }

  endWait();
  buttons.forEach((other) => setEnabled(other, true));
  return result;
}

/** Offers to cancel an action while it waits for the server. */
function showCancel() {
  const isShown = currentWait() !== null && currentOutage() !== null;
  for (const button of document.querySelectorAll('.cancel')) {
    if (!isShown && button === document.activeElement) {
      button.closest('.row').querySelector('button').focus();
    }

    button.hidden = !isShown;
  }
}
