import { session } from './session.js';

const PAGE = 100;

/** Returns the newest entries of the user's credit history in the server's ledger, newest first; null if the history cannot be read. */
export async function readStatement(limit = PAGE) {
  const { status, entries } = await session.getCreditHistory({ limit });
  return status === 'known' ? entries : null;
}

/** Returns the charges among the entries of the credit history. Each charge contains the idempotency key of its request. */
export const chargesIn = (entries) => entries.filter(({ kind }) => kind === 'capture');
