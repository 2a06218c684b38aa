import { join } from 'node:path';
import { LocalDuckSession } from '../duck-session.js';
import type { HostedSession, StartSession } from '../sql-query-run.js';

/** Sessions in this process, for specs; `started` counts them. */
export function localSessions(directory: string): { readonly start: StartSession; started: number } {
  const sessions = {
    started: 0,
    start: (): HostedSession => {
      sessions.started += 1;
      const session = new LocalDuckSession();
      return Object.assign(session, {
        spillDirectory: join(directory, 'spill'),
        ended: Promise.resolve(),
        kill: () => session.close(),
      });
    },
  };
  return sessions;
}
