import { accounts } from './accounts.js';
import { byId, showNote } from './dom.js';
import { session } from './session.js';
import { messageFor } from './messages.js';

const form = byId('sign');
const note = byId('sign-note');
const password = byId('password');

/** Handles sign-up, sign-in and sign-out. */
export function followAccount() {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    sign(event.submitter?.value === 'sign-up');
  });
  byId('sign-out').addEventListener('click', async () => {
    await session.signOut();
    byId('email').focus();
  });
}

async function sign(up) {
  if (!form.reportValidity()) {
    return;
  }

  const email = byId('email').value.trim();
  busy(true);
  showNote(note, '');
  try {
    const result = await (up ? accounts.signUp(email, password.value) : accounts.signIn(email, password.value));
    if (result.ok) {
      password.value = '';
      byId('content').focus({ preventScroll: true });
      scrollTo(0, 0);
    } else {
      showNote(note, messageFor(result.problem), 'bad');
    }
  } finally {
    busy(false);
  }
}

function busy(is) {
  for (const button of form.querySelectorAll('button')) {
    button.disabled = is;
  }
}
