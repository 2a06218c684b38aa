import { StoreChangedError } from '../checkpoint/from-store.js';
import type { LogCursor } from '../checkpoint/log-cursor.js';
import type { PartitionContext } from '../control/context.js';
import { pause } from '../control/waiting.js';
import type { EntityTable } from '../entities/entity-table.js';
import type { CommandProgress } from '../intake/command-progress.js';
import type { TimerRoom } from '../timers/timer-room.js';
import type { Acceptance } from './acceptance.js';
import { checkCommandStart } from './command-start.js';
import { loadEntities } from './replay.js';
import type { TakeOver } from './take-over.js';

const keysPerLoad = 500;
const againPauseMs = 50;

export interface BeginRooms {
  readonly takeOver: TakeOver;
  readonly cursor: LogCursor;
  readonly progress: CommandProgress;
  readonly timers: TimerRoom;
  readonly table: EntityTable;
  dropMemory(): void;
}

/**
 * All that comes before serving: recovery, what is due soon, and where commands begin (L11). `lost`: the partition is not ours.
 * Throws FatalError for a halt, unless `acceptance` is of it; StoppedError when stopped.
 */
export async function beginOwnership(
  context: PartitionContext,
  rooms: BeginRooms,
  reason: string,
  acceptance?: Acceptance,
): Promise<'owned' | 'lost'> {
  for (;;) {
    context.standing.enter('recovering', reason);
    try {
      return await recover(context, rooms, reason, acceptance);
    } catch (error) {
      rooms.dropMemory(); // claimed by another, or restored, while we read; or the log will say more: from the start
      const isAccepted = acceptance?.concerns(error) === true && (await acceptance.append(error));
      if (!isAccepted && !(error instanceof StoreChangedError)) throw error;
      await pause(context.clock, againPauseMs, context.signal);
    }
  }
}

async function recover(context: PartitionContext, rooms: BeginRooms, reason: string, acceptance?: Acceptance): Promise<'owned' | 'lost'> {
  const { takeOver, cursor, progress } = rooms;
  if ((await takeOver.recover(reason)) !== 'owned') return 'lost';
  progress.restart(cursor.latestPosition);
  await loadDue(context, rooms);
  const isPatient = acceptance?.expects('COMMAND_POSITION_OUT_OF_RANGE') !== true;
  progress.restart(await checkCommandStart(context, cursor.latestPosition, isPatient));
  return 'owned';
}

/** What has running units or timers due soon must be in memory. */
async function loadDue(context: PartitionContext, { timers, table }: BeginRooms): Promise<void> {
  for (let cold = await timers.coldOnesDueSoon(); cold.length > 0; cold = await timers.coldOnesDueSoon())
    for (let i = 0; i < cold.length; i += keysPerLoad) await loadEntities(context, table, cold.slice(i, i + keysPerLoad));
}
