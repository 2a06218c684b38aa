import type { EvolveExecution } from '../core-api.js';
import type { ExecutionEvent, ExecutionEventBody } from '../events.js';
import { assertNever, type EpochMs } from '../json.js';
import type { Draft } from './draft-state.js';
import {
  cancelOpenNodes,
  nodeCompleted,
  nodeFailed,
  nodeLost,
  nodeProgressed,
  nodeStarted,
  nodesSkipped,
  nodeWaiting,
  type OwnedNodes,
} from './evolve-node.js';
import type { ExecutionState, FinishedExecution, OpenExecution, StartedExecution } from './execution-state.js';

/** Where an event stands in its entity. */
export interface EventHead {
  readonly seq: number;
  readonly lastAt: EpochMs;
}

/** Applies one fact. Total: a fact that does not fit the state moves only `seq` and `lastAt`; it never validates and never throws (V3). */
export const evolveExecution: EvolveExecution = (state, event) => applyExecutionBody(state, event, { seq: event.seq, lastAt: event.at });

/** Applies facts in order; the same as one by one, at the cost of one copy of the nodes. */
export function foldExecution(state: ExecutionState, events: readonly ExecutionEvent[]): ExecutionState {
  const owned: OwnedNodes = {};
  let folded = state;
  for (const event of events) folded = applyExecutionBody(folded, event, { seq: event.seq, lastAt: event.at }, owned);
  return folded;
}

/** The same for a fact that has no id yet: how `decide` sees its own earlier steps. */
export function applyExecutionBody(
  state: ExecutionState,
  body: ExecutionEventBody,
  head: EventHead,
  owned: OwnedNodes = {},
): ExecutionState {
  if (state.status === 'notStarted') return body.type === 'WorkflowStarted' ? startedExecution(body.data, head) : { ...state, ...head };
  if (state.status === 'finished') return { ...state, ...head };
  return applyToOpen({ ...state, seq: head.seq, lastAt: head.lastAt }, body, owned);
}

type StartData = Extract<ExecutionEventBody, { type: 'WorkflowStarted' }>['data'];

/** An execution right after its first fact. */
export function startedExecution(data: StartData, head: EventHead): StartedExecution {
  return {
    seq: head.seq,
    lastAt: head.lastAt,
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

/** `next` is this fact's own shallow copy: its fields are replaced, nothing behind them is changed. */
function applyToOpen(next: Draft<OpenExecution & EventHead>, body: ExecutionEventBody, owned: OwnedNodes): ExecutionState {
  const at = next.lastAt;
  switch (body.type) {
    case 'WorkflowStarted':
      break;
    case 'NodeExecutionStarted':
      nodeStarted(next, body.data, at, owned);
      break;
    case 'NodeProgressed':
      nodeProgressed(next, body.data, owned);
      break;
    case 'NodeExecutionCompleted':
      nodeCompleted(next, body.data, at, owned);
      break;
    case 'NodeExecutionFailed':
      nodeFailed(next, body.data, at, owned);
      break;
    case 'NodeAttemptLost':
      nodeLost(next, body.data, owned);
      break;
    case 'NodeSkipped':
      nodesSkipped(next, body.data, at, owned);
      break;
    case 'NodeWaiting':
      nodeWaiting(next, body.data, at, owned);
      break;
    case 'SignalReceived':
      next.pendingSignals = [...next.pendingSignals, { name: body.data.name, payload: body.data.payload ?? null, at }];
      break;
    case 'ExecutionCancelRequested':
      next.status = 'cancelling';
      if (body.data.reason !== undefined) next.cancelReason = body.data.reason;
      break;
    case 'WorkflowCompleted':
    case 'WorkflowFailed':
    case 'WorkflowCancelled':
      return finished(next, body);
    default:
      return assertNever(body);
  }
  return next;
}

type TerminalBody = Extract<ExecutionEventBody, { type: 'WorkflowCompleted' | 'WorkflowFailed' | 'WorkflowCancelled' }>;

function finished(open: Draft<OpenExecution & EventHead>, body: TerminalBody): ExecutionState {
  cancelOpenNodes(open, open.lastAt);
  const { cancelReason: _, ...kept } = open;
  const ended: Draft<FinishedExecution & EventHead> = { ...kept, status: 'finished', outcome: outcomeOf(body), endedAt: open.lastAt };
  if (body.type === 'WorkflowCompleted') {
    if (body.data.output !== undefined) ended.output = body.data.output;
    return ended;
  }
  if (body.data.reason !== undefined) ended.reason = body.data.reason;
  if (body.type === 'WorkflowFailed') {
    if (body.data.failedNodeId !== undefined) ended.failedNodeId = body.data.failedNodeId;
    if (body.data.error !== undefined) ended.error = body.data.error;
  }
  return ended;
}

function outcomeOf(body: TerminalBody): FinishedExecution['outcome'] {
  if (body.type === 'WorkflowCompleted') return 'completed';
  return body.type === 'WorkflowFailed' ? 'failed' : 'cancelled';
}
