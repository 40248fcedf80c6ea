import { createSession } from '/session/session-recovery.js';
import { accounts } from './accounts.js';

/** The one session of this page. */
export const session = createSession({ adapter: accounts.adapter });
