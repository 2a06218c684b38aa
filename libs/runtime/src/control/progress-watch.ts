import type { CancelTimer } from '../ports/clock.js';
import { FatalError, TransientError } from '../ports/errors.js';
import type { PartitionContext } from './context.js';

/** What the watch looks at. */
export interface WatchedRooms {
  /** Changes whenever the partition gets on: an append confirmed, a record replayed, a command taken. */
  mark(): string;
  /** Whether something waits that this partition should get on with: inputs, an append in flight, a recovery. */
  isWaiting(): boolean;
  /** Where commands are read on; undefined while none are to be read (paused, recovering). */
  readTo(): number | undefined;
  /** Something has waited for longer than it may, with nothing getting on and the group holding the partition here. */
  stalled(error: FatalError): void;
  failed(error: unknown): void;
}

const looksPerTimeout = 4;

/**
 * Liveness is progress. An owner with a heartbeat and with work that does not get on is worse than none: the group thinks that
 * the partition is served. The watch asks the topic by itself, so that a reader that has died is noticed, too.
 */
export class ProgressWatch {
  #mark = '';
  #waitingSince: number | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #cancel: CancelTimer | undefined;

  constructor(
    readonly context: PartitionContext,
    readonly rooms: WatchedRooms,
  ) {}

  start(): void {
    this.#arm();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** How long something has waited with nothing getting on, ms; 0 = it gets on, or nothing waits. As of the last look. */
  get stalledMs(): number {
    if (this.#waitingSince === undefined || this.rooms.mark() !== this.#mark) return 0;
    return Math.round(this.context.clock.monotonic() - this.#waitingSince);
  }

  #arm(): void {
    const { clock, settings } = this.context;
    this.#cancel?.();
    this.#cancel = clock.after(settings.progressTimeoutMs / looksPerTimeout, () => {
      this.#look().then(
        () => {
          if (this.#cancel !== undefined && !this.context.signal.aborted) this.#arm();
        },
        (error: unknown) => this.rooms.failed(error),
      );
    });
  }

  /** Only time in which the group was there and named this process counts: after an outage of Kafka everybody has his time again. */
  async #look(): Promise<void> {
    const mark = this.rooms.mark();
    const { clock, settings, signal } = this.context;
    const stoodStill = clock.monotonic() - this.#lookedAt > (2 * settings.progressTimeoutMs) / looksPerTimeout; // this process itself
    this.#lookedAt = clock.monotonic();
    const isStuck = mark === this.#mark && !stoodStill && (await this.#isDue()) && (await this.#isOwner());
    if (signal.aborted) return;
    if (!isStuck || this.rooms.mark() !== mark) {
      this.#mark = this.rooms.mark();
      this.#waitingSince = undefined;
      return;
    }
    this.#waitingSince ??= clock.monotonic();
    const waitedMs = clock.monotonic() - this.#waitingSince;
    if (waitedMs >= settings.progressTimeoutMs) this.rooms.stalled(noProgress(waitedMs, this.context.standing.reason));
  }

  /** Waiting for the store is none of it: another owner would wait for it, too (design §5). */
  async #isDue(): Promise<boolean> {
    if (this.context.standing.waitsForStore) return false;
    return this.rooms.isWaiting() || (await this.#hasUnread());
  }

  async #hasUnread(): Promise<boolean> {
    const readTo = this.rooms.readTo();
    if (readTo === undefined) return false;
    const { ports, partition } = this.context;
    try {
      return (await ports.commands.bounds(partition)).highWatermark > readTo;
    } catch (error) {
      if (error instanceof TransientError) return false; // Kafka cannot be asked: nobody can get on
      throw error;
    }
  }

  async #isOwner(): Promise<boolean> {
    return (await this.context.ports.membership.confirm(this.context.partition)) === 'owner';
  }
}

function noProgress(waitedMs: number, reason: string | undefined): FatalError {
  const why = reason === undefined ? '' : ` (${reason})`;
  return new FatalError('NO_PROGRESS', `nothing got on for ${Math.round(waitedMs / 1_000)} s although something waits${why}`);
}
