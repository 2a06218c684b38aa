import type { ExpressionScope, Json, JsonObject } from '#core';
import type { RecordExpression } from '#expressions';

/** What names the preparations of a sink's attempt. */
export type SinkAttempt = Pick<NodeContext, 'executionId' | 'nodeId' | 'epoch' | 'config' | 'filesRoot'>;

/** What one attempt of a data node is given, inside its stage's thread. */
export interface NodeContext {
  readonly executionId: string;
  readonly workflowId: string;
  readonly nodeId: string;
  readonly attempt: number;
  /** Epoch of the owner that dispatched the attempt; part of the names of files that only this attempt may write. */
  readonly epoch: string;
  /** Normalised and valid config. */
  readonly config: JsonObject;
  /** What expressions see besides the record: `input`, `nodes`, `execution`. */
  readonly scope: ExpressionScope;
  /** Absolute path of the directory that file nodes cannot leave. */
  readonly filesRoot: string;
  readonly limits: NodeLimits;
  /** Aborted when the attempt is to stop; the thread ends soon after in any case. */
  readonly signal: AbortSignal;
  /** Compiles an expression of the config; throws a NodeFailure `EXPRESSION_INVALID`. */
  compile(expression: string): RecordExpression;
  /** A line for the execution's logs. */
  log(text: string): void;
  /**
   * Says that one record cannot be processed. Returns when the node's policy is to skip it (the record is counted), throws
   * a NodeFailure when it is to fail.
   */
  rejectRecord(rejection: RecordRejection): void;
}

export interface NodeLimits {
  /** Records in a batch that a source should aim at. */
  readonly batchRecords: number;
  /** JSON size of an operator's state above which it should answer `undefined` instead: the stage then skips checkpoints. */
  readonly maxStateBytes: number;
  /** Memory of the whole stage, MiB. */
  readonly memoryMb: number;
}

export interface RecordRejection {
  /** Transforms and sinks: index within the batch. Sources: index from the start of the input. */
  readonly index: number;
  readonly message: string;
  readonly record?: Json;
}
