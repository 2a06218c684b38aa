import type { Event } from '#core';
import { fenceOffsetOf, type StoredRecord } from '#protocol';
import type { Checkpointer } from '../checkpoint/checkpointer.js';
import { StoreChangedError } from '../checkpoint/from-store.js';
import type { LogCursor } from '../checkpoint/log-cursor.js';
import type { PartitionContext } from '../control/context.js';
import type { AnswerMemory } from '../dedupe/answer-memory.js';
import { confirmMembership, type PlacedFence, placeFence } from '../doubt/fencing.js';
import { isLogWhole } from '../doubt/log-audit.js';
import type { EntityTable } from '../entities/entity-table.js';
import type { RecoveryReport } from '../ports/runtime-observer.js';
import { claimPartition } from './claim.js';
import { adoptEpoch } from './no-fence.js';
import { Replay, type ReplayReport } from './replay.js';

/** `lost`: the group, or a later owner's claim, says that the partition is not ours. `rebuild`: why memory is void. */
export type TakeOverOutcome = 'owned' | 'lost' | { readonly rebuild: string };

export interface TakeOverRooms {
  readonly table: EntityTable;
  readonly cursor: LogCursor;
  readonly answers: AnswerMemory;
  readonly checkpoint: Checkpointer;
  quarantine(key: string, reason: string, offset: number): void;
  applied(event: Event, record: StoredRecord): void;
}

const lostTail = 'the log lost confirmed records';

/** Fence, claim, read back: how an owner begins, and how it gets out of doubt. Throws StoppedError when stopped. */
export class TakeOver {
  /** The epoch in force before the own fence, as far as it was read. */
  #previousEpoch: string | undefined;

  constructor(
    readonly context: PartitionContext,
    readonly rooms: TakeOverRooms,
  ) {}

  /** A new owner: nothing in memory yet. */
  async recover(reason: string): Promise<TakeOverOutcome> {
    const { clock, standing, ports, partition } = this.context;
    const startedAt = clock.monotonic();
    for (;;) {
      const fence = await this.#fence(reason);
      if (fence === undefined) return 'lost';
      const claim = await claimPartition(this.context, fence);
      if (claim.status === 'stale') return 'lost';
      if (claim.voided !== undefined)
        ports.observer.note(partition, 'error', `rebuilding from the log's start: ${claim.voided}`, { event: 'partition.rebuild' });
      this.context.row.claimed(fence.epoch, claim.from);
      this.rooms.cursor.restart(claim.from);
      this.#previousEpoch = claim.from.epochAtOffset;
      this.rooms.answers.restart(fence.timestamp);
      const report = await this.#read(fence);
      if (report.status === 'done') {
        standing.epoch = fence.epoch;
        ports.observer.recovered(partition, this.#report(reason, { fence, report, startedAt, rebuilt: claim.voided !== undefined }));
        return 'owned';
      }
      this.rooms.checkpoint.reset();
      this.rooms.table.clear();
      this.rooms.answers.clear(); // they came from records that are gone
    }
  }

  /** L5: in doubt. Speculation is dropped already; what the log holds past the last confirmed offset is applied. */
  async resolve(reason: string): Promise<TakeOverOutcome> {
    const fence = await this.#fence(`in doubt: ${reason}`);
    if (fence === undefined) return 'lost';
    const { cursor } = this.rooms;
    if (fence.offset < cursor.nextOffset || !(await isLogWhole(this.context, cursor))) return { rebuild: lostTail };
    try {
      const report = await this.#read(fence);
      if (report.status === 'short') return { rebuild: lostTail };
    } catch (error) {
      if (error instanceof SupersededError) return { rebuild: error.message };
      if (error instanceof StoreChangedError) return { rebuild: 'the store was restored, or claimed by another owner' };
      throw error;
    }
    this.context.standing.epoch = fence.epoch;
    return 'owned';
  }

  /**
   * L8: the group is asked before the fence and after it. A member that learns late that it has lost the partition
   * would otherwise serve beside the owner, whose heartbeats are confirmed and who does not know of its commands.
   */
  async #fence(reason: string): Promise<PlacedFence | undefined> {
    if (!(await confirmMembership(this.context))) return undefined; // a fence that is not due disturbs the owner
    const fence = this.context.rules.fence ? await placeFence(this.context, reason) : await adoptEpoch(this.context);
    return fence !== undefined && (await confirmMembership(this.context)) ? fence : undefined;
  }

  #read(fence: PlacedFence): Promise<ReplayReport> {
    const { table, cursor, answers, checkpoint, quarantine, applied } = this.rooms;
    const foreignFence = (epoch: string) => this.#foreignFence(epoch);
    return new Replay(this.context, { table, cursor, answers, checkpoint, quarantine, applied, foreignFence }, fence.offset).run();
  }

  /**
   * Another owner was there since our claim. It may have claimed the store, from whatever it found there, and taken our
   * attempts for lost: what we call saved or running is not. So everything is taken from the store again.
   */
  #foreignFence(epoch: string): void {
    this.#previousEpoch = epoch;
    const { row, standing } = this.context;
    if (fenceOffsetOf(epoch) > fenceOffsetOf(row.claimedEpoch) && !standing.isOwn(epoch)) {
      throw new SupersededError(`another owner was here: ${epoch}`);
    }
  }

  #report(reason: string, how: { fence: PlacedFence; report: ReplayReport; startedAt: number; rebuilt: boolean }): RecoveryReport {
    const durationMs = Math.round(this.context.clock.monotonic() - how.startedAt);
    const entitiesLoaded = this.rooms.table.size;
    const { epoch } = how.fence;
    const previous = this.#previousEpoch === undefined ? {} : { previousEpoch: this.#previousEpoch };
    return { reason, epoch, ...previous, durationMs, recordsRead: how.report.recordsRead, entitiesLoaded, rebuilt: how.rebuilt };
  }
}

/** Another owner's doings end this resolution. */
class SupersededError extends Error {
  override readonly name = 'SupersededError';
}
