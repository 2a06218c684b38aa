import type { EvolveExecution } from '../core-api.js';
import type { ExecutionEventBody } from '../events.js';
import { assertNever, type EpochMs } from '../json.js';
import {
  cancelOpenNodes,
  nodeCompleted,
  nodeFailed,
  nodeLost,
  nodeProgressed,
  nodeStarted,
  nodesSkipped,
  nodeWaiting,
} from './evolve-node.js';
import type { ExecutionBody, ExecutionState, FinishedExecution, OpenExecution, StartedExecution } from './execution-state.js';

/** Where an event stands in its entity. */
export interface EventHead {
  readonly seq: number;
  readonly lastAt: EpochMs;
}

/** Applies one fact. Total: a fact that does not fit the state moves only `seq` and `lastAt`; it never validates and never throws (V3). */
export const evolveExecution: EvolveExecution = (state, event) => applyExecutionBody(state, event, { seq: event.seq, lastAt: event.at });

/** The same for a fact that has no id yet: how `decide` sees its own earlier steps. */
export function applyExecutionBody(state: ExecutionState, body: ExecutionEventBody, head: EventHead): ExecutionState {
  if (state.status === 'notStarted') return body.type === 'WorkflowStarted' ? startedExecution(body.data, head) : { ...state, ...head };
  if (state.status === 'finished') return { ...state, ...head };
  return applyToOpen(state, body, head);
}

/** An execution right after its first fact. */
export function startedExecution(data: StartData, head: EventHead): StartedExecution {
  return {
    ...head,
    status: 'running',
    version: data.version,
    workflowName: data.workflowName,
    totalNodes: data.totalNodes,
    input: data.input ?? null,
    startedAt: head.lastAt,
    nodes: {},
    openNodes: 0,
    pendingSignals: [],
  };
}

type StartData = Extract<ExecutionEventBody, { type: 'WorkflowStarted' }>['data'];

function applyToOpen(state: OpenExecution & EventHead, body: ExecutionEventBody, head: EventHead): ExecutionState {
  const at = head.lastAt;
  switch (body.type) {
    case 'WorkflowStarted':
      return { ...state, ...head };
    case 'NodeExecutionStarted':
      return { ...state, ...nodeStarted(state, body.data, at), ...head };
    case 'NodeProgressed':
      return { ...state, ...nodeProgressed(state, body.data), ...head };
    case 'NodeExecutionCompleted':
      return { ...state, ...nodeCompleted(state, body.data, at), ...head };
    case 'NodeExecutionFailed':
      return { ...state, ...nodeFailed(state, body.data, at), ...head };
    case 'NodeAttemptLost':
      return { ...state, ...nodeLost(state, body.data), ...head };
    case 'NodeSkipped':
      return { ...state, ...nodesSkipped(state, body.data, at), ...head };
    case 'NodeWaiting':
      return { ...state, ...nodeWaiting(state, body.data, at), ...head };
    case 'SignalReceived': {
      const { name, payload } = body.data;
      return { ...state, pendingSignals: [...state.pendingSignals, { name, payload: payload ?? null, at }], ...head };
    }
    case 'ExecutionCancelRequested': {
      const { reason } = body.data;
      return { ...state, status: 'cancelling', ...(reason === undefined ? {} : { cancelReason: reason }), ...head };
    }
    case 'WorkflowCompleted':
      return finish(state, head, { outcome: 'completed', ...optional('output', body.data.output) });
    case 'WorkflowFailed': {
      const { reason, failedNodeId, error } = body.data;
      return finish(state, head, { outcome: 'failed', reason, ...optional('failedNodeId', failedNodeId), ...optional('error', error) });
    }
    case 'WorkflowCancelled':
      return finish(state, head, { outcome: 'cancelled', ...optional('reason', body.data.reason) });
    default:
      return assertNever(body);
  }
}

type Ending = Pick<FinishedExecution, 'outcome'> & Partial<Pick<FinishedExecution, 'output' | 'error' | 'failedNodeId' | 'reason'>>;

function finish(state: OpenExecution, head: EventHead, ending: Ending): ExecutionState {
  const { version, workflowName, totalNodes, input, startedAt, pendingSignals } = state;
  const body: ExecutionBody = {
    version,
    workflowName,
    totalNodes,
    input,
    startedAt,
    pendingSignals,
    ...cancelOpenNodes(state, head.lastAt),
  };
  return { ...body, ...head, ...ending, status: 'finished', endedAt: head.lastAt };
}

function optional<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]?: Value });
}
