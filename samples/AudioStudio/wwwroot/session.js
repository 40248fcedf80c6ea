import { createSession } from '/session/session-recovery.js';
import { accounts } from './accounts.js';
import { recordedFetch } from './traffic.js';

/** The one session of this page. Its requests are recorded, so that the page can show what happened during a crash. */
export const session = createSession({ adapter: accounts.adapter, environment: { fetch: recordedFetch } });
