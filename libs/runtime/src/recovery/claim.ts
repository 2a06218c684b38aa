import type { PartitionContext } from '../control/context.js';
import { persist } from '../control/waiting.js';
import type { PlacedFence } from '../doubt/fencing.js';
import type { Checkpoint, CheckpointRow } from '../ports/snapshot-store.js';
import { checkSameLog } from './same-log.js';

/** `from`: where to read from. `voided`: why the checkpoint was dropped and the partition is rebuilt (L11). */
export type Claim =
  | {
      readonly status: 'claimed';
      readonly from: Checkpoint & Pick<CheckpointRow, 'revision'>;

      readonly voided: string | undefined;
    }
  | { readonly status: 'stale' };

/**
 * Takes the partition's row in the store by compare-and-set, once log and checkpoint are known to belong together.
 * Waits for the database as long as it takes. Throws StoppedError when stopped.
 */
export async function claimPartition(context: PartitionContext, own: PlacedFence): Promise<Claim> {
  const { partition, ports } = context;
  let row = await persist(context, 'reading the checkpoint', () => ports.snapshots.checkpoint(partition));
  for (;;) {
    if (row?.claimedEpoch === own.epoch) return claimed(row, undefined); // by this try, or by an earlier one that got through unheard
    const same = row === undefined ? ({ verdict: 'same' } as const) : await checkSameLog(context, row, own);
    if (same.verdict === 'stale') return { status: 'stale' };
    const voided = same.verdict === 'void' ? same.reason : undefined;
    const initial = startOfLog(own);
    const expected = row?.claimedEpoch;
    const outcome = await persist(context, 'claiming the checkpoint', () =>
      ports.snapshots.claim(partition, expected, own.epoch, initial, voided !== undefined),
    );
    if (outcome.status === 'claimed' && (row === undefined || voided !== undefined)) return claimed(undefined, voided, initial);
    // What was read before the claim may be newer than what was claimed: a database may have gone back in time in between (L11).
    row =
      outcome.status === 'claimed'
        ? await persist(context, 'reading the checkpoint', () => ports.snapshots.checkpoint(partition))
        : outcome.row;
  }
}

function claimed(row: CheckpointRow | undefined, voided: string | undefined, initial?: Checkpoint): Claim {
  const from = row ?? initial;
  return from === undefined ? { status: 'stale' } : { status: 'claimed', from, voided };
}

function startOfLog(own: PlacedFence): Checkpoint {
  return { offset: 0, commandOffset: -1, decidedAbove: [], coveredTo: own.offset + 1, coveredEpoch: own.epoch };
}
