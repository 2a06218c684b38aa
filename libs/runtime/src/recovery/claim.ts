import { persistInStore } from '../checkpoint/from-store.js';
import type { PartitionContext } from '../control/context.js';
import type { PlacedFence } from '../doubt/fencing.js';
import type { Checkpoint, CheckpointRow } from '../ports/snapshot-store.js';
import { refuseReplacedEvents } from './replaced-events.js';
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
 * Waits for the database as long as it takes. Throws FatalError EVENTS_REPLACED (L11), StoppedError when stopped.
 */
export async function claimPartition(context: PartitionContext, own: PlacedFence): Promise<Claim> {
  const { partition, ports } = context;
  let row = await persistInStore(context, 'reading the checkpoint', () => ports.snapshots.checkpoint(partition));
  let checked: CheckpointRow | undefined;
  for (;;) {
    // by this try, or by an earlier one that got through unheard; the former owner may have saved between the check and the claim
    if (row?.claimedEpoch === own.epoch && (row.coveredEpoch === own.epoch || coverAlike(row, checked))) return claimed(row, undefined);
    const same = row === undefined ? ({ verdict: 'same' } as const) : await checkSameLog(context, row, own);
    if (same.verdict === 'stale') return { status: 'stale' };
    if (row?.claimedEpoch === own.epoch && same.verdict === 'same') return claimed(row, undefined);
    if (row !== undefined && same.verdict === 'void') await refuseReplacedEvents(context, row, own);
    checked = row;
    const voided = same.verdict === 'void' ? same.reason : undefined;
    const initial = startOfLog(own);
    const expected = row?.claimedEpoch;
    const outcome = await persistInStore(context, 'claiming the checkpoint', () =>
      ports.snapshots.claim(partition, expected, own.epoch, initial, voided !== undefined),
    );
    if (outcome.status === 'claimed' && (row === undefined || voided !== undefined)) return claimed(undefined, voided, initial);
    // What was read before the claim may be newer than what was claimed: a database may have gone back in time in between (L11).
    row =
      outcome.status === 'claimed'
        ? await persistInStore(context, 'reading the checkpoint', () => ports.snapshots.checkpoint(partition))
        : outcome.row;
  }
}

/** Whether what was found out about one row holds for the other. */
function coverAlike(one: CheckpointRow, other: CheckpointRow | undefined): boolean {
  const { coveredTo, coveredEpoch, epochAtOffset } = one;
  return coveredTo === other?.coveredTo && coveredEpoch === other.coveredEpoch && epochAtOffset === other.epochAtOffset;
}

function claimed(row: CheckpointRow | undefined, voided: string | undefined, initial?: Checkpoint): Claim {
  const from = row ?? initial;
  return from === undefined ? { status: 'stale' } : { status: 'claimed', from, voided };
}

function startOfLog(own: PlacedFence): Checkpoint {
  return { offset: 0, commandOffset: -1, decidedAbove: [], coveredTo: own.offset + 1, coveredEpoch: own.epoch };
}
