import type { NodeError } from '../commands.js';
import type { EpochMs, Json, JsonObject } from '../json.js';
import type { Plan } from '../plan/plan.js';
import type { ExecutionState, NodeState, StartedExecution } from './execution-state.js';
import { waitingForExecution, waitingForNode } from './named-reason.js';
import { isOpenNode, nodeStateOf } from './node-states.js';

/** Execution status of contract §3's closed list. */
export type ExecutionStatus =
  | 'queued'
  | 'running'
  | 'waiting'
  | 'paused'
  | 'cancelling'
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'timed_out';

/** Running while any unit runs; waiting when all that is open waits. */
export function executionStatusOf(state: ExecutionState): ExecutionStatus {
  switch (state.status) {
    case 'notStarted':
      return 'queued';
    case 'finished':
      return state.outcome;
    case 'cancelling':
      return 'cancelling';
    default:
      return Object.values(state.nodes).some((node) => node.status === 'running') ? 'running' : 'waiting';
  }
}

/** Execution detail of contract §9; times are ISO 8601, durations ms. With a plan, nodes come in definition order, pending ones included. */
export function executionView(workflowId: string, executionId: string, state: ExecutionState, plan: Plan | undefined): JsonObject {
  const status = executionStatusOf(state);
  if (state.status === 'notStarted') return { executionId, workflowId, status, nodes: [] };
  return {
    executionId,
    workflowId,
    version: state.version,
    status,
    startTime: iso(state.startedAt),
    endTime: state.status === 'finished' ? iso(state.endedAt) : null,
    duration: state.status === 'finished' ? state.endedAt - state.startedAt : null,
    input: state.input,
    output: state.status === 'finished' ? (state.output ?? null) : null,
    ...errorOf(state),
    ...waitingForExecution(state, workflowId, executionId),
    nodes: nodeViews(state, plan, { workflowId, executionId }),
  };
}

function errorOf(state: StartedExecution): JsonObject {
  if (state.status !== 'finished') return {};
  const { error, failedNodeId, reason } = state;
  return {
    ...(error === undefined ? {} : { error: { ...errorView(error), ...(failedNodeId === undefined ? {} : { nodeId: failedNodeId }) } }),
    ...(reason === undefined ? {} : { reason }),
  };
}

interface Ids {
  readonly workflowId: string;
  readonly executionId: string;
}

function nodeViews(state: StartedExecution, plan: Plan | undefined, ids: Ids): readonly Json[] {
  const planned = plan === undefined ? [] : [...plan.nodes.values()];
  const known = new Set(planned.map((node) => node.id));
  const unplanned = Object.keys(state.nodes).filter((id) => !known.has(id));
  return [
    ...planned.map(({ id, nodeType }) => nodeView({ nodeId: id, nodeType }, nodeStateOf(state, id), ids)),
    ...unplanned.map((id) => nodeView({ nodeId: id, nodeType: '' }, nodeStateOf(state, id), ids)),
  ];
}

function nodeView(head: { readonly nodeId: string; readonly nodeType: string }, node: NodeState | undefined, ids: Ids): JsonObject {
  if (node === undefined || node.status === 'skipped') return { ...head, status: node?.status ?? 'pending', ...untouched };
  const endedAt = 'endedAt' in node ? node.endedAt : undefined;
  const counts = node.status === 'completed' ? node : undefined;
  return {
    nodeId: head.nodeId,
    nodeType: node.nodeType,
    status: statusOf(node),
    attempts: node.attempt,
    startTime: iso(node.startedAt),
    endTime: endedAt === undefined ? null : iso(endedAt),
    duration: endedAt === undefined ? null : endedAt - node.startedAt,
    recordsIn: counts?.recordsIn ?? 0,
    recordsOut: counts?.recordsOut ?? 0,
    ...(counts?.output === undefined ? {} : { output: counts.output }),
    ...nodeError(node),
    ...(isOpenNode(node) ? waitingForNode(head.nodeId, node, ids) : {}),
  };
}

const untouched = { attempts: 0, startTime: null, endTime: null, duration: null, recordsIn: 0, recordsOut: 0 };

/** A stage's first node carries its stage's failure; where another node failed, this one was only stopped. */
function statusOf(node: NodeState): string {
  return node.status === 'failed' && node.failedNodeId !== undefined ? 'cancelled' : node.status;
}

function nodeError(node: NodeState): JsonObject {
  if (node.status === 'failed' && node.failedNodeId === undefined) return { error: errorView(node.error) };
  return node.status === 'waiting' && node.lastError !== undefined ? { error: errorView(node.lastError) } : {};
}

function iso(time: EpochMs): string {
  return new Date(time).toISOString();
}

function errorView({ cause, ...error }: NodeError): JsonObject {
  return { ...error, ...(cause === undefined ? {} : { cause: errorView(cause) }) };
}
