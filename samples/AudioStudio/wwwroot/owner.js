import { recall, remember, tab, whenChangedElsewhere } from './memory.js';

/**
 * The account whose data this browser stores. Several users may sign in one after the other, and another tab may change the user.
 * Therefore, data of one user is stored with the id of its account.
 */

/** The event `changed` is dispatched in each tab when the account is another one than before. */
export const owner = new EventTarget();

/**
 * Returns the account that has signed in, or null after a sign-out. Its members are `email`, `isGuest`, `id`, and `signIn`, the id of the
 * sign-in.
 */
export const currentAccount = () => recall('account');

/** Returns the id of an account that signs in with this e-mail address. */
export const idOf = (email) => email.toLowerCase();

/** Returns the id of the account, or null. The id of a guest does not change when the guest gets an e-mail address. */
export const currentOwner = () => currentAccount()?.id ?? null;

export const isGuest = () => currentAccount()?.isGuest === true;

export function rememberAccount(account) {
  remember('account', account);
  noticeOwner();
}

/** Dispatches `changed` if this tab has data of another account. */
export function noticeOwner() {
  const id = currentOwner();
  if (id !== null && id !== tab.recall('owner')) {
    tab.remember('owner', id);
    owner.dispatchEvent(new Event('changed'));
  }
}

whenChangedElsewhere('account', noticeOwner);
