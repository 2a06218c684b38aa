import type { AppendLoop } from '../append/append-loop.js';
import type { LogCursor } from '../checkpoint/log-cursor.js';
import type { EntityTable } from '../entities/entity-table.js';
import type { CommandProgress } from '../intake/command-progress.js';
import type { Intake } from '../intake/intake.js';
import type { Mailbox } from '../mailbox/mailbox.js';
import type { WatchedRooms } from './progress-watch.js';
import type { Standing } from './standing.js';

interface Rooms {
  readonly table: EntityTable;
  readonly cursor: LogCursor;
  readonly progress: CommandProgress;
  readonly intake: Intake;
  readonly loop: AppendLoop;
  readonly mailbox: Mailbox;
}

/** The rooms of a partition as its progress watch sees them. */
export function watchedRooms(standing: Standing, rooms: Rooms): Omit<WatchedRooms, 'stalled' | 'failed'> {
  const { table, cursor, progress, intake, loop, mailbox } = rooms;
  return {
    mark: () => [standing.phase, standing.since, cursor.nextOffset, progress.next, intake.readTo, loop.turns, table.size].join('/'),
    isWaiting: () => standing.phase !== 'active' || mailbox.size > 0 || loop.isAppending,
    readTo: () => (standing.phase === 'active' && !intake.isPaused ? intake.readTo : undefined),
  };
}
