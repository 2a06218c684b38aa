import type { Checkpointer } from '../checkpoint/checkpointer.js';
import type { EntityTable } from '../entities/entity-table.js';
import type { Intake } from '../intake/intake.js';
import type { PartitionStatus } from '../runtime-api.js';
import type { PartitionContext } from './context.js';

interface StatusRooms {
  readonly table: EntityTable;
  readonly intake: Intake;
  readonly checkpoint: Checkpointer;
}

/** A partition as its owner sees it now. `stalledMs`: how long something has waited with nothing getting on. */
export function partitionStatus(context: PartitionContext, rooms: StatusRooms, stalledMs: number): PartitionStatus {
  const { standing, skew, partition } = context;
  const { table, intake, checkpoint } = rooms;
  const reason = standing.reason ?? hindrance(context, rooms);
  return {
    partition,
    state: standing.phase,
    ...(reason === undefined ? {} : { reason }),
    ...(standing.epoch === '' ? {} : { epoch: standing.epoch }),
    since: standing.since,
    lag: intake.lag,
    uncovered: checkpoint.uncovered,
    hotEntities: table.size,
    runningExecutions: table.countUnfinished(),
    clockSkewMs: skew.skewMs,
    stalledMs,
  };
}

/** What keeps an active partition from doing all that it should. */
function hindrance({ skew, settings }: PartitionContext, { checkpoint, intake }: StatusRooms): string | undefined {
  const { uncovered } = checkpoint;
  if (skew.isTooLarge) return `the clock is off by ${skew.skewMs} ms: no timer fires`;
  if (checkpoint.isStoreAway) return `snapshots wait for the store: a recovery would read ${uncovered} records`;
  if (intake.isPaused && uncovered > settings.maxReplay / 2)
    return `commands wait for snapshots: a recovery would read ${uncovered} records`;
  return undefined;
}
