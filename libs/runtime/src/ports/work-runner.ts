import type { DispatchUnit, Json, LeftUnit, UnitOutcome } from '#core';

/** One attempt of a task or stage, with the epoch of the owner that dispatched it. */
export interface Work extends Omit<DispatchUnit, 'type'> {
  readonly partition: number;
  readonly epoch: string;
  /** `workflowId/executionId/unitId/attempt`: what a side effect should be keyed by. */
  readonly idempotencyKey: string;
}

export interface WorkListener {
  /** A stage's checkpoint, about once a second; resolves `confirmed` once the fact is in the log, `lost` when this dispatch no longer counts (stop, write nothing more, publish nothing). */
  progressed(checkpoint: Json): Promise<'confirmed' | 'lost'>;
  /** Exactly once, unless aborted. */
  finished(outcome: UnitOutcome): void;
  /** A line for the execution's logs. Best effort. */
  log(nodeId: string, text: string): void;
}

export interface RunningWork {
  /** Of a stage: the node that it is in just now; undefined where that is not known. */
  at?(): string | undefined;
  /** Asks the attempt to stop; it must not report afterwards. */
  abort(reason: 'cancelled' | 'timed_out' | 'lost'): void;
  /** Resolves when nothing of it runs any more, threads included (L6). */
  readonly ended: Promise<void>;
}

/** Runs stages in worker threads and tasks in threads or on the loop; queues fairly per workflow when its slots are full. Never throws: a bad start is a failed outcome. */
export interface WorkRunner {
  start(work: Work, listener: WorkListener): RunningWork;
  /** Why no further execution of this workflow should start just now: too much of it, or of all, waits for a slot. Cheap. */
  overloaded?(workflowId: string): string | undefined;
  /** Removes what any attempt of the unit, by whatever owner, prepared and did not publish. Called when nothing of it runs here any more, maybe again. Never rejects. */
  discard?(left: LeftUnit): Promise<void>;
}
