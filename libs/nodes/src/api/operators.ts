import type { Json } from '#core';

/** Records that travel together. A batch is never changed by who receives it: fan-out hands the same one to several nodes. */
export type Batch = readonly Json[];

export interface SourceBatch {
  readonly records: Batch;
  /** Where reading goes on after this batch; absent = this source cannot be resumed, so the stage starts over after a crash. */
  readonly cursor?: Json;
}

/** Reads records. The generator is pulled: it reads no further ahead than one batch. */
export interface SourceOperator {
  /** From the start, or after `cursor`. Throws CheckpointUnusable when the cursor no longer fits what is there. */
  read(cursor: Json | undefined): AsyncIterable<SourceBatch> | Iterable<SourceBatch>;
  close?(): Promise<void>;
}

/** Turns batches into batches; between two batches its state is consistent. */
export interface TransformOperator {
  process(batch: Batch): Batch | Promise<Batch>;
  /** After the last batch: what is still inside, in batches. */
  finish?(): Iterable<Batch> | AsyncIterable<Batch>;
  /** All that a later attempt needs to go on from here; `undefined` = too large or impossible. Absent = there is no state (null). */
  state?(): Json | undefined;
  restore?(state: Json): void;
  close?(): Promise<void>;
}

/** What a sink hands over when all records are written and durable, but not yet visible. */
export interface SealedSink {
  readonly output?: Json;
  /** What `publish` needs, also in another process. */
  readonly seal: Json;
}

/**
 * Writes records so that nothing shows before `publish`. The order of calls is `open`, `write`…, `checkpoint` between
 * writes, `seal`, then (once the completion is confirmed in the log) `publish`.
 */
export interface SinkOperator {
  /** Starts, or goes on from a checkpoint of an earlier attempt. Throws CheckpointUnusable when what it points to is gone. */
  open(checkpoint: Json | undefined): Promise<void>;
  write(batch: Batch): void | Promise<void>;
  /** Makes everything written durable and says where that is; `undefined` = this sink cannot be resumed. */
  checkpoint(): Promise<Json | undefined>;
  seal(): Promise<SealedSink>;
  /** Makes the result visible. Idempotent: a resumed attempt may call it on a fresh operator, after `seal` of an earlier one. */
  publish(seal: Json): Promise<void>;
  /** Releases handles; called once, whether it went well or not. */
  close(): Promise<void>;
}
