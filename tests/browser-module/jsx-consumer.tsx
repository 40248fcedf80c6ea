// This file is compiled but never run. It contains the element in React JSX, and mistakes that the types must reject.
import { useSyncExternalStore } from 'react';
import type { Session } from '../../src/SessionRecovery.AspNetCore/Browser/session-recovery.js';

export function Header({ session }: { session: Session }) {
  const { credits } = useSyncExternalStore(session.subscribe, session.getSnapshot, session.getServerSnapshot);
  return (
    <header>
      <credit-balance session={session} className="balance" label="Credits" unknown-label="unknown" data-id={7} key="balance" />
      <credit-balance />
      <credit-history session={session} more-label="Older" />
      {credits.credits}
    </header>
  );
}

// @ts-expect-error the label is a text
export const wrong = <credit-balance label={7} />;
