import { accounts } from './accounts.js';
import { byId, onClick, setEnabled, setText, showNote } from './dom.js';
import { useTestTone } from './files.js';
import { forget, recall, remember } from './memory.js';
import { messageFor } from './messages.js';
import { session } from './session.js';

/** The reasons for which the token verifier ends a session, in words for people. */
const REASONS = {
  no_user_id: 'Your sign-in names no user. Sign in again.',
  user_banned: 'This account is blocked.',
  user_not_found: 'This account no longer exists.',
};

const form = byId('sign');
const password = byId('password');

let forgetUser = () => {};
let isAttempting = false;

/** Handles the ways into the studio and out of it. The function forgets what belongs to a user who leaves. */
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
      byId('keep-dialog').showModal();
    });
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
  showGuest();
}

/** Opens a throw-away studio: a guest account with a test tone that is ready to play. */
async function openStudio() {
  const result = await attempt(byId('open'), byId('open-note'), () => accounts.openGuest());
  if (result.ok) {
    begin({ email: null, isGuest: true });
    await session.whenReady();
    await useTestTone();
  } else if (result.problem.code === 'anonymous_provider_disabled') {
    showSign('');
  }
}

async function sign(isNew) {
  if (!form.reportValidity()) {
    return;
  }

  const email = byId('email').value.trim();
  const result = await attempt(form.querySelector('[value="sign-in"]'), byId('sign-note'),
    () => (isNew ? accounts.signUp(email, password.value) : accounts.signIn(email, password.value)));
  if (result.ok) {
    password.value = '';
    begin({ email, isGuest: false });
  }
}

async function keep() {
  const keepForm = byId('keep-form');
  if (!keepForm.reportValidity()) {
    return;
  }

  const email = byId('keep-email').value.trim();
  const result = await attempt(keepForm.querySelector('.primary'), byId('keep-note'),
    () => accounts.keepGuest(email, byId('keep-password').value, session));
  if (result.ok) {
    byId('keep-password').value = '';
    remember('account', { email, isGuest: false });
    byId('keep-dialog').close();
    showGuest();
    byId('sign-out').focus();
  }
}

function begin(account) {
  const last = recall('account');
  if (last !== null && (last.email === null || last.email !== account.email)) {
    forgetUser();
  }

  remember('account', account);
  remember('open', true);
  showGuest();
  byId('content').focus({ preventScroll: true });
  scrollTo(0, 0);
}

async function leave() {
  byId('leave-dialog').close();
  const email = recall('account')?.email ?? '';
  forgetUser();
  showGuest();
  await session.signOut();
  byId('email').value = email;
  if (email) {
    showSign('');
  } else {
    byId('open').focus();
  }
}

/** Shows the sign-in form with the address of the last user. */
function showSign(reason) {
  form.hidden = false;
  byId('open').classList.remove('primary');
  byId('open').removeAttribute('data-primary');
  byId('show-sign').hidden = true;
  setText(byId('sign-reason'), reason);
  byId('email').value ||= recall('account')?.email ?? '';
  (byId('email').value ? password : byId('email')).focus();
}

const isGuest = () => recall('account')?.isGuest === true;

function showGuest() {
  byId('keep').hidden = !isGuest() || !accounts.keepGuest;
  byId('keep-instead').hidden = byId('keep').hidden;
}

/** Calls the function while the button is disabled, and shows the problem of its result. A second call during the first one is ignored. */
async function attempt(button, note, action) {
  if (isAttempting) {
    return { ok: false, problem: { code: null } };
  }

  isAttempting = true;
  setEnabled(button, false);
  showNote(note, '');
  try {
    const result = await action();
    if (!result.ok) {
      showNote(note, messageFor(result.problem), 'bad');
    }

    return result;
  } catch {
    const problem = { code: 'unreachable' };
    showNote(note, messageFor(problem), 'bad');
    return { ok: false, problem };
  } finally {
    isAttempting = false;
    setEnabled(button, true);
  }
}
