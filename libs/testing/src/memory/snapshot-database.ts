import type { CheckpointRow, ClaimOutcome, DecidedCommand, Snapshot, SnapshotBatch } from '#runtime';

interface PartitionTables {
  readonly row: CheckpointRow | undefined;
  readonly snapshots: ReadonlyMap<string, Snapshot>;
  readonly decided: ReadonlyMap<string, DecidedCommand>;
}

const empty: PartitionTables = { row: undefined, snapshots: new Map(), decided: new Map() };

/** An older copy of the whole database. */
export type DatabaseCopy = ReadonlyMap<number, PartitionTables>;

/** What Postgres keeps for all partitions. Every method is one statement: whole, at one instant. */
export class SnapshotDatabase {
  #tables = new Map<number, PartitionTables>();
  readonly #onWrite: ((partition: number) => void) | undefined;

  /** `onWrite` hears of every batch that was written. */
  constructor(onWrite?: (partition: number) => void) {
    this.#onWrite = onWrite;
  }

  tables(partition: number): PartitionTables {
    return this.#tables.get(partition) ?? empty;
  }

  claim(partition: number, expected: string | undefined, initial: CheckpointRow, voided: boolean): ClaimOutcome {
    const tables = this.tables(partition);
    if (tables.row?.claimedEpoch !== expected) return { status: 'lost', row: tables.row };
    const { claimedEpoch } = initial;
    if (voided || tables.row === undefined) this.#tables.set(partition, { ...empty, row: initial });
    else this.#tables.set(partition, { ...tables, row: { ...tables.row, claimedEpoch } });
    return { status: 'claimed' };
  }

  /** L10: the guard, the upserts and the checkpoint are one. */
  save(partition: number, epoch: string, batch: SnapshotBatch): 'saved' | 'fenced' {
    const tables = this.tables(partition);
    if (tables.row?.claimedEpoch !== epoch) return 'fenced';
    const { revision = 0 } = tables.row;
    if (batch.revision && (revision < batch.revision.follows || revision > batch.revision.is)) return 'fenced';
    this.write(partition, epoch, batch);
    return 'saved';
  }

  /** The writing half of `save`, without its guard: for mutants of L10. */
  write(partition: number, claimedEpoch: string, batch: SnapshotBatch, withSeqGuard = true): void {
    const tables = this.tables(partition);
    const snapshots = new Map(tables.snapshots);
    for (const snapshot of batch.snapshots) {
      if (!withSeqGuard || isNewer(snapshot, snapshots.get(snapshot.key))) snapshots.set(snapshot.key, snapshot);
    }
    const decided = new Map([...tables.decided].filter(([, command]) => command.at >= batch.forgetBefore));
    for (const command of batch.decided) if (!decided.has(command.commandId)) decided.set(command.commandId, command);
    const revision = batch.revision?.is ?? tables.row?.revision;
    this.#tables.set(partition, {
      row: { ...batch.checkpoint, claimedEpoch, ...(revision === undefined ? {} : { revision }) },
      snapshots,
      decided,
    });
    this.#onWrite?.(partition);
  }

  backup(): DatabaseCopy {
    return new Map(this.#tables);
  }

  restore(copy: DatabaseCopy): void {
    this.#tables = new Map(copy);
  }
}

function isNewer(snapshot: Snapshot, stored: Snapshot | undefined): boolean {
  if (stored === undefined || stored.seq < snapshot.seq) return true;
  return stored.seq === snapshot.seq && stored.quarantine?.offset !== snapshot.quarantine?.offset;
}
