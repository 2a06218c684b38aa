import type { PartitionContext } from '../control/context.js';
import type { AnswerMemory } from '../dedupe/answer-memory.js';
import { snapshotOf } from '../entities/entity.js';
import type { EntityTable } from '../entities/entity-table.js';
import type { Snapshot, SnapshotBatch } from '../ports/snapshot-store.js';
import type { DirtyLedger } from './dirty-ledger.js';
import type { LogCursor } from './log-cursor.js';
import type { ReadyKeys } from './ready-keys.js';

/** Entities in one save, at most, besides those that a failed one left behind. */
export const maxSnapshotsPerSave = 500;

interface CaptureRooms {
  readonly table: EntityTable;
  readonly cursor: LogCursor;
  readonly answers: AnswerMemory;
  readonly ledger: DirtyLedger;
  /** Keys that are due; what is captured leaves it. */
  readonly ready: ReadyKeys;
}

/** The wanted entities as they stand, and the checkpoint that holds once they are saved (L9). */
export function captureBatch(context: PartitionContext, rooms: CaptureRooms, wanted: readonly string[]): SnapshotBatch {
  const { table, cursor, answers, ledger, ready } = rooms;
  ledger.giveBack(ledger.leftOver.filter((key) => ready.isHeldBack(key)));
  const keys = new Set(ledger.leftOver);
  for (const key of wanted) {
    if (keys.size >= maxSnapshotsPerSave) break;
    keys.add(key);
  }
  ledger.capture(keys);
  const snapshots: Snapshot[] = [];
  for (const key of keys) {
    const entity = table.get(key);
    ready.delete(key);
    if (entity === undefined) continue;
    snapshots.push(snapshotOf(entity));
    if (!context.rules.evictAfterSnapshot && entity.state.seq > 0) table.evict(key);
  }
  const offset = context.rules.checkpointWhole ? (ledger.lowestUncaptured ?? cursor.nextOffset) : cursor.nextOffset;
  return {
    snapshots,
    decided: answers.unsaved(),
    checkpoint: context.row.covering(cursor.checkpointAt(offset)),
    revision: context.row.nextRevision(),
    forgetBefore: forgetBefore(context),
  };
}

/** Dedupe: remembered for the whole window and by the broker's time, however far the clock of a command's sender ran ahead. */
function forgetBefore({ skew, settings }: PartitionContext): number {
  return (skew.brokerTimeAtLeast ?? 0) - settings.dedupeWindowMs - 2 * settings.maxClockSkewMs;
}
