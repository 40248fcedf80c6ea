/** The message for each problem code. These messages are written for users, because the `title` of a problem is written for developers. */
const MESSAGES = {
  // The messages for problems of payments. After these problems, the page keeps the idempotency key, so that the next click repeats the
  // same request.
  outcome_unknown: 'The result is not known yet. Press again: you pay once.',
  busy: 'The server is busy, and nothing was paid. Press again.',
  in_progress: 'The server is still working on this. Press again: you pay once.',
  superseded: 'A newer attempt has taken over. Press again: you pay once.',
  already_closed: 'This took too long. Press again: you pay once.',
  stopping: 'The server is restarting, and nothing was paid. Press again.',
  key_conflict: 'This differs from the first request. Press again to start anew.',
  insufficient_credits: ({ required, available }) =>
    (Number.isFinite(available) ? `This costs ${required} credits. You have ${available}.` : 'Your credits do not cover this.'),
  expired: 'Your credits no longer cover this, and nothing was paid.',
  no_account: 'You have no credits yet.',
  credits_unavailable: 'Your credits can’t be read. Try again in a moment.',

  // Problems of sound files.
  files_unavailable: 'Your sounds can’t be reached. Try again in a moment.',
  file_not_found: 'This sound is no longer here.',
  file_lost: 'The server has lost this sound. Upload it again.',
  file_missing: 'Choose a file first.',
  file_empty: 'This file is empty.',
  file_too_large: 'This file is too large.',
  body_too_large: 'This file is too large.',
  too_large: 'This file is too large.',
  file_type_not_supported: 'This is no WAV, MP3 or OGG file.',
  too_many_files: 'There is no room for another sound. Delete one first.',
  upload_interrupted: 'The upload broke off. Try again.',
  malformed_multipart: 'The upload broke off. Try again.',
  not_a_wav: 'A waveform can be drawn from WAV files.',
  unsupported_wav: ({ detail }) => `This sound can’t be drawn. ${detail}`,
  broken_wav: ({ detail }) => `This sound can’t be drawn. ${detail}`,

  // Problems of accounts.
  sign_in_failed: 'E-mail or password is wrong.',
  account_locked: 'Too many wrong passwords. Try again in a few minutes.',
  account_exists: 'This e-mail already has an account. Sign in instead.',
  not_a_guest: 'This studio already has an e-mail and a password.',
  email_not_confirmed: 'Confirm the e-mail that was sent to you, then sign in.',
  anonymous_provider_disabled: 'This Supabase project allows no anonymous sign-ins. Sign in with an e-mail.',
  unauthenticated: 'Sign in to go on.',
  invalid_token: 'Sign in to go on.',
  authority_unavailable: 'Your sign-in can’t be checked. Try again in a moment.',
  sign_in_unavailable: 'Your sign-in can’t be checked. Try again in a moment.',

  // Any request.
  unreachable: 'The server can’t be reached. Try again.',
  internal_error: 'Something went wrong on the server. Try again.',
  too_many_requests: 'That was too often. Try again in a moment.',
};

/**
 * Returns the message for a problem (RFC 9457). If the code of the problem has no message in this file, the result is the text of its
 * `errors` or `detail`.
 */
export function messageFor(problem) {
  const message = MESSAGES[problem.code];
  return (typeof message === 'function' ? message(problem) : message)
    ?? Object.values(problem.errors ?? {})[0]?.[0] ?? problem.detail ?? 'That did not work. Try again.';
}

/** Returns the message for a failed response. The body may be missing or may not be JSON. */
export async function messageForResponse(response) {
  try {
    return messageFor(await response.json());
  } catch {
    return messageFor({ code: response.status >= 500 ? 'internal_error' : null });
  }
}
