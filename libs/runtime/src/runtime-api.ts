import type { CoreEnvironment, EpochMs } from '#core';
import type { Clock, RandomIds } from './ports/clock.js';
import type { CommandLog } from './ports/command-log.js';
import type { Membership } from './ports/membership.js';
import type { PartitionLog } from './ports/partition-log.js';
import type { ReplySink } from './ports/reply-sink.js';
import type { RuntimeObserver } from './ports/runtime-observer.js';
import type { SnapshotStore } from './ports/snapshot-store.js';
import type { WorkRunner } from './ports/work-runner.js';

/** Everything a partition runtime is given. */
export interface RuntimePorts {
  readonly log: PartitionLog;
  readonly commands: CommandLog;
  readonly snapshots: SnapshotStore;
  readonly replies: ReplySink;
  readonly membership: Membership;
  readonly work: WorkRunner;
  readonly clock: Clock;
  readonly random: RandomIds;
  readonly observer: RuntimeObserver;
  readonly core: CoreEnvironment;
}

/** Limits and periods; milliseconds and counts. */
export interface RuntimeSettings {
  readonly instanceId: string;
  /** `host:port` of the engine's query port. */
  readonly address: string;
  readonly partitions: number;
  /** Inputs decided into one append, at most. */
  readonly maxBatchInputs: number;
  /** Time spent on deciding one append, at most: other partitions share the loop, and other workflows the partition. */
  readonly maxBatchMs: number;
  /** Encoded bytes of one append, at most: half of the topic's `max.message.bytes` (L3). */
  readonly maxAppendBytes: number;
  /** Commands waiting in a mailbox before its subscription pauses. */
  readonly maxMailbox: number;
  /** Bytes of commands waiting in a mailbox before its subscription pauses. */
  readonly maxMailboxBytes: number;
  /** Unfinished executions of one workflow before a further one is refused (`RESOURCE_EXHAUSTED`). */
  readonly maxExecutionsPerWorkflow: number;
  /** Offsets in `decidedAbove` before intake waits (L7). */
  readonly maxDecidedAbove: number;
  readonly snapshotEvery: number;
  /** Records behind the checkpoint before intake waits for snapshots; suspended while the store is away. */
  readonly maxReplay: number;
  readonly snapshotIntervalMs: number;
  readonly passivateAfterMs: number;
  readonly dedupeWindowMs: number;
  /** How long something may wait with nothing getting on before the owner stands down. */
  readonly progressTimeoutMs: number;
  /** A query is answered from memory only when an append or heartbeat was confirmed this recently (L8). */
  readonly freshForMs: number;
  /** Timers due within this time are loaded from the store ahead. */
  readonly wakeAheadMs: number;
  /** The engine's clock may be off from the broker's by this much before timers stop (design §3, Clock). */
  readonly maxClockSkewMs: number;
}

/** A partition as `cluster/shards` shows it. */
export interface PartitionStatus {
  readonly partition: number;
  readonly state: 'recovering' | 'active' | 'inDoubt' | 'halted' | 'stopped';
  readonly reason?: string;
  readonly epoch?: string;
  readonly since: EpochMs;
  readonly lag: number;
  /** Records that a new owner would have to read: those behind the checkpoint. */
  readonly uncovered: number;
  readonly hotEntities: number;
  readonly runningExecutions: number;
  readonly clockSkewMs: number;
  /** How long something has waited with nothing getting on; 0 = it gets on. */
  readonly stalledMs: number;
}
