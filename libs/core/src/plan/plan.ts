import type { OnError } from '../definition/definition.js';
import type { NodeKind } from '../definition/node-catalog.js';
import type { CompiledExpression } from '../expressions.js';
import type { EpochMs, JsonObject } from '../json.js';

/**
 * A definition compiled once: a graph of *units*. A unit is what is started, retried, timed out and finished as one:
 * a control node, a task node, or a *stage* (data nodes joined by edges). A stage's id is the id of its first node in
 * topological order.
 */
export interface Plan {
  readonly workflowId: string;
  readonly version: number;
  readonly name: string;
  /** Executions of the workflow that may run at a time; a further one is refused. Absent: any number. */
  readonly maxConcurrent?: number;
  readonly nodes: ReadonlyMap<string, PlanNode>;
  readonly units: ReadonlyMap<string, PlanUnit>;
  /** Units without incoming edges, in definition order; nodes named only by `goto` or `compensate` are not among them. */
  readonly startUnits: readonly string[];
  /** By unit id: the units that its edges and its `onError.goto` lead to, each once. A unit without any is absent. */
  readonly successors: ReadonlyMap<string, readonly string[]>;
  /** By unit id: the units whose `onError.goto` leads there. A unit without any is absent. */
  readonly gotoSources: ReadonlyMap<string, readonly string[]>;
}

export interface PlanNode {
  readonly id: string;
  readonly nodeType: string;
  readonly kind: NodeKind;
  readonly runOn: 'thread' | 'loop';
  readonly label: string;
  /** Normalised config. */
  readonly config: JsonObject;
  readonly unitId: string;
  readonly onRecordError: 'fail' | 'skip' | 'deadLetter';
  /** Compiled expressions of a control node by config key or case (e.g. `values.total`, `cases[0]`). */
  readonly expressions: ReadonlyMap<string, CompiledExpression>;
}

export interface PlanUnit {
  readonly id: string;
  readonly kind: 'control' | 'task' | 'stage';
  /** In topological order; one node unless a stage. */
  readonly nodeIds: readonly string[];
  /** Edges inside a stage. */
  readonly innerEdges: readonly PlanEdge[];
  readonly incoming: readonly PlanEdge[];
  readonly outgoing: readonly PlanEdge[];
  readonly retry: PlanRetry;
  readonly timeoutMs?: number;
  readonly onError: OnError;
}

export interface PlanEdge {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly sourceHandle: string;
  readonly targetHandle: string;
  readonly condition?: CompiledExpression;
}

/** Retry policy with durations in milliseconds; `maxAttempts: 1` = no retry. */
export interface PlanRetry {
  readonly maxAttempts: number;
  readonly initialIntervalMs: EpochMs;
  readonly multiplier: number;
  readonly maxIntervalMs: EpochMs;
  readonly jitter: number;
  readonly nonRetryable: readonly string[];
}
