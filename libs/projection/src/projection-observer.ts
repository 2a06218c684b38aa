import type { StoppedEntity } from './fold/fold-partition.js';

/** What the projector tells metrics and logs. Every method must be cheap and must not throw. */
export interface ProjectionObserver {
  /** One transaction: events applied over `partitions` partitions. */
  projected(batch: { readonly partitions: number; readonly events: number; readonly durationMs: number }): void;
  /** The partition's rows are dropped and projected again from the log's start (L11). */
  rebuilding(partition: number, reason: string): void;
  /** Projection of the partition stopped with a named reason; its neighbours go on. */
  halted(partition: number, reason: string): void;
  /** V2 or V3: later events of this entity are not applied. */
  entityStopped(partition: number, entity: StoppedEntity): void;
  /** Something is not there now and is asked for again. */
  waiting(reason: string): void;
}

/** Limits and periods; milliseconds and counts. */
export interface ProjectorSettings {
  /** Least time between two transactions. Default 150. */
  readonly flushIntervalMs: number;
  /** Records in one transaction, over all partitions. Default 10,000. */
  readonly maxBatchRecords: number;
  /** Records of one partition waiting in memory before its reading pauses. Default 3,000. */
  readonly maxWaitingRecords: number;
  /** Open executions, and workflows, remembered between batches. Default 20,000 each. */
  readonly maxRemembered: number;
}

export const projectorDefaults: ProjectorSettings = {
  flushIntervalMs: 150,
  maxBatchRecords: 10_000,
  maxWaitingRecords: 3_000,
  maxRemembered: 20_000,
};
