import { FatalError } from '#runtime';

interface Row {
  /** Stand-downs of the partition with nothing of it getting on in between. */
  count: number;
  /** When the first of them was. */
  readonly since: number;
  mayBeginAt: number;
}

export interface StandDownParts {
  /** Monotonic, ms. */
  readonly now: () => number;
  /** Has every partition that gets on append something: whether this process can is to be known. */
  readonly probe: () => void;
  /** Another member should have the partition. */
  readonly decline: () => void;
  /** Nothing at all gets on in this process. */
  readonly failed: (error: FatalError) => void;
}

const firstPauseMs = 1_000;
const longestPauseMs = 60_000;
/** So often in a row a partition begins anew here before others are asked to take it. */
const patience = 2;

/**
 * What follows when a partition's owner stands down because nothing gets on (`NO_PROGRESS`): it begins anew in its place, with new
 * rooms and a new fence. When that was in vain, the fault is not in its rooms: another member is to have it; and when nothing has
 * been appended for any partition meanwhile, the fault is in the process, which ends.
 */
export class StandDowns {
  readonly #rows = new Map<number, Row>();
  #appendedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly parts: StandDownParts) {}

  /** An append of the partition was confirmed: it gets on, and so does the process. */
  appended(partition: number): void {
    this.#appendedAt = this.parts.now();
    if (this.#rows.size > 0) this.#rows.delete(partition);
  }

  stoodDown(partition: number): void {
    const now = this.parts.now();
    const row = this.#rows.get(partition) ?? { count: 0, since: now, mayBeginAt: now };
    row.count += 1;
    row.mayBeginAt = now + Math.min(longestPauseMs, firstPauseMs * 2 ** (row.count - 1));
    this.#rows.set(partition, row);
    this.parts.probe();
    if (row.count < patience) return;
    if (this.#appendedAt < row.since) this.parts.failed(this.#nothingGetsOn(row));
    else this.parts.decline();
  }

  /** The group has given the partition to somebody else. */
  lost(partition: number): void {
    this.#rows.delete(partition);
  }

  /** Whether a partition whose runtime has stood down may begin anew now. */
  mayBegin(partition: number): boolean {
    return (this.#rows.get(partition)?.mayBeginAt ?? 0) <= this.parts.now();
  }

  /** Partitions that another member should have. */
  get declined(): readonly number[] {
    return [...this.#rows].filter(([, { count }]) => count >= patience).map(([partition]) => partition);
  }

  /** What to show while partitions that stood down have not got on since. */
  get trouble(): string | undefined {
    return this.#rows.size === 0 ? undefined : `nothing gets on in partitions ${[...this.#rows.keys()].join(', ')}`;
  }

  #nothingGetsOn({ since }: Row): FatalError {
    const seconds = Math.round((this.parts.now() - since) / 1_000);
    return new FatalError('NO_PROGRESS', `no partition of this process has appended anything for ${seconds} s although commands wait`);
  }
}
