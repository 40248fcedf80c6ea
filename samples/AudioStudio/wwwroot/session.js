import { createSession } from '/session/session-recovery.js';
import { accounts } from './accounts.js';
import { recordedFetch } from './traffic.js';

/**
 * The only session of this page. The requests of the session are recorded, so that the page can show what happened during a crash. While
 * the page sends no request, the session checks the server every two seconds.
 */
export const session = createSession({ adapter: accounts.adapter, environment: { fetch: recordedFetch }, idleCheckMs: 2_000 });
