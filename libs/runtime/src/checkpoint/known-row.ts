import type { Checkpoint, CheckpointRow, SnapshotBatch } from '../ports/snapshot-store.js';

/** The checkpoint row as this owner knows it: claimed by it, and last written by it. */
export class KnownRow {
  #claimedEpoch = '';
  #covered: Pick<Checkpoint, 'offset' | 'coveredTo' | 'coveredEpoch'> = { offset: 0, coveredTo: 0, coveredEpoch: '' };
  #revision = 0;
  #nextRevision = 1;

  /** The epoch under which saves go out. */
  get claimedEpoch(): string {
    return this.#claimedEpoch;
  }

  /** Where a recovery would begin to read. */
  get offset(): number {
    return this.#covered.offset;
  }

  /** The row was claimed, and holds this. */
  claimed(epoch: string, from: Checkpoint & { readonly revision?: number }): void {
    this.#claimedEpoch = epoch;
    this.#covered = from;
    this.#revision = from.revision ?? 0;
    this.#nextRevision = this.#revision + 1;
  }

  /** The number of the next save, and of the last one that is known to have worked. */
  nextRevision(): NonNullable<SnapshotBatch['revision']> {
    const is = this.#nextRevision;
    this.#nextRevision += 1;
    return { follows: this.#revision, is };
  }

  /** A save was confirmed. */
  saved({ checkpoint, revision }: SnapshotBatch): void {
    this.#covered = checkpoint;
    this.#revision = revision?.is ?? this.#revision;
  }

  /** While a log is replayed, snapshots reach further than the replay: what the row says of that stays. */
  covering(checkpoint: Checkpoint): Checkpoint {
    const { coveredTo, coveredEpoch } = this.#covered;
    return checkpoint.coveredTo >= coveredTo ? checkpoint : { ...checkpoint, coveredTo, coveredEpoch };
  }

  /**
   * A check of rows read from now on: whether it is this one or a later one of this owner; else someone else claimed it, or
   * the database went back in time. What is saved while the row is on its way does not count against it, and what was
   * asked under an earlier claim says nothing of this one: whoever asked then has dropped its memory since.
   */
  matcher(): (row: CheckpointRow | undefined) => boolean {
    const claimedEpoch = this.#claimedEpoch;
    const revision = this.#revision;
    return (row) =>
      claimedEpoch !== this.#claimedEpoch || (row !== undefined && row.claimedEpoch === claimedEpoch && (row.revision ?? 0) >= revision);
  }
}
