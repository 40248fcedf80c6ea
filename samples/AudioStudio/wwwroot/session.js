import { bearerAdapter, createSession } from '/session/session-recovery.js';

/** Keeps the tokens of the bearer endpoints, renews them when they expired, and knows nothing else about the studio. */
export const adapter = bearerAdapter();

/** The one session of this page. */
export const session = createSession({ adapter });
