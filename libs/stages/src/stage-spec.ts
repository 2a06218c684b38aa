import type { ExpressionScope, Json, JsonObject, NodeKind, UnitOutcome } from '#core';

/** One node of a stage, as its thread needs it. */
export interface StageNode {
  readonly id: string;
  readonly nodeType: string;
  readonly kind: NodeKind;
  readonly config: JsonObject;
  readonly onRecordError: 'fail' | 'skip' | 'deadLetter';
}

export interface StageEdge {
  readonly source: string;
  readonly target: string;
}

/** One attempt of a stage as plain data: it crosses a thread boundary. */
export interface StageSpec {
  readonly executionId: string;
  readonly workflowId: string;
  readonly attempt: number;
  /** The retry policy has no further attempt: what a failure leaves behind is of no more use. */
  readonly lastAttempt: boolean;
  readonly epoch: string;
  /** In topological order. */
  readonly nodes: readonly StageNode[];
  readonly edges: readonly StageEdge[];
  /** Nodes whose records leave the stage: they must fit into an output. */
  readonly leaving: readonly string[];
  /** Records for the nodes that nothing inside the stage feeds and that are no sources. */
  readonly input: readonly Json[];
  readonly scope: ExpressionScope;
  readonly checkpoint?: Json;
  readonly filesRoot: string;
  readonly limits: StageLimits;
  /** Where users' own data nodes are loaded from. */
  readonly nodesDir?: string;
}

export interface StageLimits {
  readonly memoryMb: number;
  readonly batchRecords: number;
  readonly checkpointIntervalMs: number;
  /** JSON size of a checkpoint above which it is left out. */
  readonly maxStateBytes: number;
  /** JSON size of the records that one node hands over to what follows the stage. */
  readonly maxOutputBytes: number;
}

/** Defaults where the settings say nothing. */
export const defaultStageLimits = {
  batchRecords: 1000,
  checkpointIntervalMs: 1000,
  maxStateBytes: 256 * 1024,
  maxOutputBytes: 256 * 1024,
} as const;

/** What a stage's thread is started with. */
export interface ThreadData {
  /** One Int32: in which of its nodes the stage is, counted from 1; 0 = in none. A thread in an endless expression answers nothing. */
  readonly whereabouts: SharedArrayBuffer;
}

/** From the engine's loop to a stage's thread. */
export type ToThread =
  | { readonly type: 'run'; readonly spec: StageSpec }
  | { readonly type: 'progress'; readonly answer: 'confirmed' | 'lost' }
  /** The thread is about to be ended: what holds something outside of it (a process) lets go now. */
  | { readonly type: 'abort' };

/** From a stage's thread to the engine's loop. */
export type FromThread =
  | { readonly type: 'progressed'; readonly checkpoint: Json }
  | { readonly type: 'log'; readonly nodeId: string; readonly text: string }
  | { readonly type: 'measured'; readonly measures: StageMeasures }
  /** `undefined` = the dispatch was lost, there is nothing to report. The thread is idle after this. */
  | { readonly type: 'ended'; readonly outcome: UnitOutcome | undefined };

/** What a stage did since its last report. */
export interface StageMeasures {
  /** Records that sources read. */
  readonly recordsIn: number;
  /** Records that sinks wrote. */
  readonly recordsOut: number;
  /** Milliseconds from a batch's read to its last write; a sample. */
  readonly batchDurationsMs: readonly number[];
}
