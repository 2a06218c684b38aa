import type { NodeError } from '../commands.js';
import type { EpochMs, Json } from '../json.js';

interface EntityHead {
  readonly seq: number;
  readonly lastAt: EpochMs;
}

/** State of an execution entity. JSON-safe: a snapshot is this object. */
export type ExecutionState = EntityHead & ({ readonly status: 'notStarted' } | OpenExecution | FinishedExecution);

/** An execution that has begun. */
export type StartedExecution = Exclude<ExecutionState, { readonly status: 'notStarted' }>;

export interface ExecutionBody {
  readonly version: number;
  readonly workflowName: string;
  readonly totalNodes: number;
  readonly input: Json;
  readonly startedAt: EpochMs;
  /** By node id; a node that is absent is pending. In a stage, only its first node carries `attempt` details and `checkpoint`. */
  readonly nodes: Readonly<Record<string, NodeState>>;
  /** How many nodes are running or waiting. An execution at rest with none has ended. */
  readonly openNodes: number;
  /** Signals that came before their wait, oldest first (kept until a flow.signal of that name takes one). */
  readonly pendingSignals: readonly { readonly name: string; readonly payload: Json; readonly at: EpochMs }[];
}

export interface OpenExecution extends ExecutionBody {
  readonly status: 'running' | 'cancelling';
  readonly cancelReason?: string;
}

export interface FinishedExecution extends ExecutionBody {
  readonly status: 'finished';
  readonly outcome: 'completed' | 'failed' | 'cancelled' | 'timed_out';
  readonly endedAt: EpochMs;
  readonly output?: Json;
  readonly error?: NodeError;
  readonly failedNodeId?: string;
  readonly reason?: string;
}

interface Started {
  readonly nodeType: string;
  readonly attempt: number;
  readonly startedAt: EpochMs;
  /** Attempts lost with their engine since the last progress or failure (not the node's fault); three fail the node. */
  readonly lostCount: number;
  /** Attempts that failed and count towards `retry.maxAttempts`. */
  readonly failedCount: number;
  /** In a stage, for all but its first node: the first node's id. */
  readonly unitId?: string;
}

export type NodeState =
  | { readonly status: 'skipped'; readonly at: EpochMs }
  /** `handedOff`: the attempt has ended with its owner's leave; the next one has not begun yet. */
  | (Started & { readonly status: 'running'; readonly timeoutAt?: EpochMs; readonly checkpoint?: Json; readonly handedOff?: true })
  /** A control node that waits, or (`kind: 'retry'`) a node between two attempts. */
  | (Started & {
      readonly status: 'waiting';
      readonly since: EpochMs;
      readonly kind: 'timer' | 'signal' | 'retry';
      readonly until?: EpochMs;
      readonly signal?: string;
      readonly lastError?: NodeError;
      readonly checkpoint?: Json;
    })
  | (Started & {
      readonly status: 'completed';
      readonly endedAt: EpochMs;
      readonly output?: Json;
      readonly recordsProcessed: number;
      readonly recordsIn?: number;
      readonly recordsOut?: number;
      readonly handle?: string;
      readonly untaken?: readonly string[];
    })
  | (Started & {
      readonly status: 'failed';
      readonly endedAt: EpochMs;
      readonly error: NodeError;
      readonly handledBy?: 'continue' | string;
      readonly untaken?: readonly string[];
      /** On a stage's first node: the node of the stage that failed, where it is another. */
      readonly failedNodeId?: string;
    })
  | (Started & { readonly status: 'cancelled'; readonly endedAt: EpochMs });

/** Signals kept for a wait that has not come yet, at most; a further one is refused `RESOURCE_EXHAUSTED`. */
export const maxPendingSignals = 1_000;

/** Lost attempts in a row that fail a node: a poison node must not end engine after engine. */
export const maxLostAttempts = 3;

/** An execution before its first event. */
export const initialExecutionState: ExecutionState = { seq: 0, lastAt: 0, status: 'notStarted' };
