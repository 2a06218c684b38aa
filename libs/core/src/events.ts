import type { NodeError } from './commands.js';
import type { Problem } from './definition/definition.js';
import type { EpochMs, Json, JsonObject } from './json.js';
import type { ShardMessage } from './workflow/workflow-state.js';

/** Facts of a workflow entity (`executionId` absent). */
export type WorkflowEventBody =
  | {
      readonly type: 'WorkflowCreated';
      readonly data: {
        /** As given by the user. */
        readonly definition: JsonObject;
        readonly version: number;
        readonly problemCount: number;
        /** The first of them, at most `maxKeptProblems`; absent when there are none. */
        readonly problems?: readonly Problem[];
        /** Where its executions live, for the workflow's whole life: by their own ids. Absent: on the workflow's partition. */
        readonly sharding?: 'execution';
      };
    }
  | {
      readonly type: 'WorkflowUpdated';
      readonly data: {
        /** As given by the user. */
        readonly definition: JsonObject;
        readonly version: number;
        readonly problemCount: number;
        /** The first of them, at most `maxKeptProblems`; absent when there are none. */
        readonly problems?: readonly Problem[];
      };
    }
  | { readonly type: 'WorkflowDeleted'; readonly data: { readonly force: boolean } }
  /** L12: the messages that the facts up to `revision` hold are on the commands topic. */
  | { readonly type: 'OutboxSent'; readonly data: { readonly revision: number } }
  /** On a partition other than the workflow's own: its executions may live here, too; `revision` is the seq of the fact at home that says so. */
  | { readonly type: 'ShardPlaced'; readonly data: Omit<Extract<ShardMessage, { type: 'PlaceShard' }>, 'type'> }
  /** The workflow was deleted at home: nothing more starts here. */
  | { readonly type: 'ShardClosed'; readonly data: Omit<Extract<ShardMessage, { type: 'CloseShard' }>, 'type'> }
  /** An execution was started; its own first fact `WorkflowStarted` stands in the same append. */
  | { readonly type: 'ExecutionOpened'; readonly data: { readonly executionId: string; readonly version: number } }
  /** It ended; its own terminal fact stands in the same append. */
  | {
      readonly type: 'ExecutionClosed';
      readonly data: {
        readonly executionId: string;
        readonly version: number;
        readonly startedAt: EpochMs;
        readonly status: 'completed' | 'failed' | 'cancelled' | 'timed_out';
      };
    };

/** Facts of an execution entity. */
export type ExecutionEventBody =
  | {
      readonly type: 'WorkflowStarted';
      readonly data: { readonly workflowName: string; readonly version: number; readonly totalNodes: number; readonly input?: Json };
    }
  | {
      readonly type: 'NodeExecutionStarted';
      readonly data: {
        readonly nodeId: string;
        readonly nodeType: string;
        readonly attempt: number;
        readonly timeoutAt?: EpochMs;
        /** In a stage, for all but its first node: the first node's id. Absent: the node is its own unit's first. */
        readonly unitId?: string;
      };
    }
  | { readonly type: 'NodeProgressed'; readonly data: { readonly nodeId: string; readonly attempt: number; readonly checkpoint: Json } }
  | {
      readonly type: 'NodeExecutionCompleted';
      readonly data: {
        readonly nodeId: string;
        readonly attempt: number;
        readonly duration: number;
        readonly recordsProcessed: number;
        readonly recordsIn?: number;
        readonly recordsOut?: number;
        readonly output?: Json;
        /** The handle that a switch chose; absent = `out`; empty = none. */
        readonly handle?: string;
        /** Ids of outgoing edges whose condition was false. */
        readonly untaken?: readonly string[];
      };
    }
  /** `willRetryAt` present: a further attempt follows then; absent: the node has failed for good. `handledBy`: where `onError` goes on. */
  | {
      readonly type: 'NodeExecutionFailed';
      readonly data: {
        readonly nodeId: string;
        readonly attempt: number;
        readonly error: NodeError;
        readonly duration: number;
        readonly willRetryAt?: EpochMs;
        readonly handledBy?: 'continue' | string;
        /** The unit's first node, where `nodeId` is another node of its stage. */
        readonly unitId?: string;
        /** With `continue`: ids of outgoing edges whose condition was false. */
        readonly untaken?: readonly string[];
      };
    }
  /** `handedOff`: its owner gave the partition up in good order. That counts as no loss, and the next owner starts the next attempt. */
  | {
      readonly type: 'NodeAttemptLost';
      readonly data: { readonly nodeId: string; readonly attempt: number; readonly lostCount: number; readonly handedOff?: true };
    }
  | { readonly type: 'NodeSkipped'; readonly data: { readonly nodeIds: readonly string[] } }
  /** A control node waits: for a time, or for a signal. */
  | {
      readonly type: 'NodeWaiting';
      readonly data: {
        readonly nodeId: string;
        readonly nodeType: string;
        readonly attempt: number;
        readonly kind: 'timer' | 'signal';
        readonly until?: EpochMs;
        readonly signal?: string;
      };
    }
  | { readonly type: 'SignalReceived'; readonly data: { readonly name: string; readonly payload?: Json } }
  | { readonly type: 'ExecutionCancelRequested'; readonly data: { readonly reason?: string } }
  | {
      readonly type: 'WorkflowCompleted';
      readonly data: { readonly duration: number; readonly completedNodes: number; readonly output?: Json };
    }
  | {
      readonly type: 'WorkflowFailed';
      readonly data: { readonly reason: string; readonly failedNodeId?: string; readonly error?: NodeError; readonly duration: number };
    }
  | { readonly type: 'WorkflowCancelled'; readonly data: { readonly reason?: string; readonly duration: number } };

/** A fact as `decide` makes it; the runtime adds `seq` and `id`. */
export type EventDraft = (WorkflowEventBody & { readonly entity: 'workflow' }) | (ExecutionEventBody & { readonly entity: 'execution' });

/** Problems carried in an event, at most. */
export const maxKeptProblems = 50;

interface EventEnvelope {
  /** Unique; equal to the record's key. */
  readonly id: string;
  readonly workflowId: string;
  /** Position within the entity, from 1, without holes. */
  readonly seq: number;
  readonly at: EpochMs;
}

export type WorkflowEvent = WorkflowEventBody & EventEnvelope & { readonly executionId?: undefined };
export type ExecutionEvent = ExecutionEventBody & EventEnvelope & { readonly executionId: string };
export type Event = WorkflowEvent | ExecutionEvent;
export type EventType = Event['type'];
