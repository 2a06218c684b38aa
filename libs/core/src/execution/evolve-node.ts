import type { ExecutionEventBody } from '../events.js';
import type { EpochMs } from '../json.js';
import type { ExecutionBody, NodeState } from './execution-state.js';
import { isOpenNode, nodeStateOf, unitIdOf } from './node-states.js';

type DataOf<Type extends ExecutionEventBody['type']> = Extract<ExecutionEventBody, { type: Type }>['data'];
/** The part of an execution that node facts change. */
type NodesPart = Pick<ExecutionBody, 'nodes' | 'openNodes'>;
type StartedNode = Exclude<NodeState, { status: 'skipped' }>;

function startedNodeOf(body: ExecutionBody, nodeId: string): StartedNode | undefined {
  const node = nodeStateOf(body, nodeId);
  return node === undefined || node.status === 'skipped' ? undefined : node;
}

/** One node replaced, the counter of open nodes kept right. */
function withNode(body: ExecutionBody, nodeId: string, next: NodeState): NodesPart {
  const change = Number(isOpenNode(next)) - Number(isOpenNode(nodeStateOf(body, nodeId)));
  return { nodes: { ...body.nodes, [nodeId]: next }, openNodes: body.openNodes + change };
}

function carried(node: StartedNode) {
  const { nodeType, attempt, startedAt, lostCount, failedCount, unitId } = node;
  return { nodeType, attempt, startedAt, lostCount, failedCount, ...(unitId === undefined ? {} : { unitId }) };
}

export function nodeStarted(body: ExecutionBody, data: DataOf<'NodeExecutionStarted'>, at: EpochMs): NodesPart {
  const before = startedNodeOf(body, data.nodeId);
  const checkpoint = before !== undefined && 'checkpoint' in before ? before.checkpoint : undefined;
  return withNode(body, data.nodeId, {
    status: 'running',
    nodeType: data.nodeType,
    attempt: data.attempt,
    startedAt: at,
    lostCount: before?.lostCount ?? 0,
    failedCount: before?.failedCount ?? 0,
    ...(data.unitId === undefined ? {} : { unitId: data.unitId }),
    ...(data.timeoutAt === undefined ? {} : { timeoutAt: data.timeoutAt }),
    ...(checkpoint === undefined ? {} : { checkpoint }), // the next attempt resumes from it
  });
}

export function nodeProgressed(body: ExecutionBody, data: DataOf<'NodeProgressed'>): Partial<NodesPart> {
  const node = nodeStateOf(body, data.nodeId);
  if (node?.status !== 'running') return {};
  return withNode(body, data.nodeId, { ...node, checkpoint: data.checkpoint, lostCount: 0 }); // what moves on is no poison
}

export function nodeCompleted(
  body: ExecutionBody,
  data: DataOf<'NodeExecutionCompleted'>,
  at: EpochMs,
): Partial<NodesPart & Pick<ExecutionBody, 'pendingSignals'>> {
  const node = startedNodeOf(body, data.nodeId);
  if (node === undefined) return {};
  const { output, recordsProcessed, recordsIn, recordsOut, handle, untaken } = data;
  const next: NodeState = {
    ...carried(node),
    status: 'completed',
    endedAt: at,
    recordsProcessed,
    ...(output === undefined ? {} : { output }),
    ...(recordsIn === undefined ? {} : { recordsIn }),
    ...(recordsOut === undefined ? {} : { recordsOut }),
    ...(handle === undefined ? {} : { handle }),
    ...(untaken === undefined ? {} : { untaken }),
  };
  return { ...withNode(body, data.nodeId, next), ...signalTaken(body, node) };
}

/** A flow.signal that completes takes the oldest kept signal of its name. */
function signalTaken(body: ExecutionBody, node: StartedNode): Partial<Pick<ExecutionBody, 'pendingSignals'>> {
  if (node.status !== 'waiting' || node.kind !== 'signal') return {};
  const index = body.pendingSignals.findIndex((signal) => signal.name === node.signal);
  return index < 0 ? {} : { pendingSignals: body.pendingSignals.toSpliced(index, 1) };
}

export function nodeFailed(body: ExecutionBody, data: DataOf<'NodeExecutionFailed'>, at: EpochMs): Partial<NodesPart> {
  const unitId = data.unitId ?? data.nodeId;
  const head = startedNodeOf(body, unitId);
  if (head === undefined) return {};
  const nodes: Record<string, NodeState> = { ...body.nodes };
  let { openNodes } = body;
  for (const [id, node] of Object.entries(body.nodes)) {
    if (node.status === 'skipped' || unitIdOf(id, node) !== unitId || !isOpenNode(node)) continue;
    const next = data.willRetryAt === undefined ? failedForGood(id, node, data, at) : untilRetry(node, data, at);
    nodes[id] = next;
    if (!isOpenNode(next)) openNodes -= 1;
  }
  return { nodes, openNodes };
}

function untilRetry(node: StartedNode, data: DataOf<'NodeExecutionFailed'>, at: EpochMs): NodeState {
  const checkpoint = 'checkpoint' in node ? node.checkpoint : undefined;
  return {
    ...carried(node),
    lostCount: 0,
    failedCount: node.failedCount + 1,
    status: 'waiting',
    kind: 'retry',
    since: at,
    lastError: data.error,
    ...(data.willRetryAt === undefined ? {} : { until: data.willRetryAt }),
    ...(checkpoint === undefined ? {} : { checkpoint }),
  };
}

/** The unit's first node carries the failure, for the edges; the node that failed, for the reader; the others did nothing wrong. */
function failedForGood(id: string, node: StartedNode, data: DataOf<'NodeExecutionFailed'>, at: EpochMs): NodeState {
  const isHead = node.unitId === undefined;
  if (!isHead && id !== data.nodeId) return { ...carried(node), status: 'cancelled', endedAt: at };
  const { error, handledBy, untaken } = data;
  return {
    ...carried(node),
    failedCount: node.failedCount + 1,
    status: 'failed',
    endedAt: at,
    error,
    ...(handledBy === undefined ? {} : { handledBy }),
    ...(untaken === undefined ? {} : { untaken }),
    ...(isHead && id !== data.nodeId ? { failedNodeId: data.nodeId } : {}),
  };
}

export function nodeLost(body: ExecutionBody, data: DataOf<'NodeAttemptLost'>): Partial<NodesPart> {
  const node = nodeStateOf(body, data.nodeId);
  return node?.status === 'running' ? withNode(body, data.nodeId, { ...node, lostCount: data.lostCount }) : {};
}

export function nodesSkipped(body: ExecutionBody, data: DataOf<'NodeSkipped'>, at: EpochMs): Partial<NodesPart> {
  const skipped = data.nodeIds.map((id): [string, NodeState] => [id, { status: 'skipped', at }]);
  return { nodes: { ...body.nodes, ...Object.fromEntries(skipped) } };
}

export function nodeWaiting(body: ExecutionBody, data: DataOf<'NodeWaiting'>, at: EpochMs): Partial<NodesPart> {
  const node = startedNodeOf(body, data.nodeId);
  if (node === undefined) return {};
  return withNode(body, data.nodeId, {
    ...carried(node),
    status: 'waiting',
    since: at,
    kind: data.kind,
    ...(data.until === undefined ? {} : { until: data.until }),
    ...(data.signal === undefined ? {} : { signal: data.signal }),
  });
}

/** When an execution ends, what was open in it is cancelled. */
export function cancelOpenNodes(body: ExecutionBody, at: EpochMs): NodesPart {
  if (body.openNodes === 0) return { nodes: body.nodes, openNodes: 0 };
  const nodes: Record<string, NodeState> = { ...body.nodes };
  for (const [id, node] of Object.entries(body.nodes)) {
    if (node.status === 'running' || node.status === 'waiting') nodes[id] = { ...carried(node), status: 'cancelled', endedAt: at };
  }
  return { nodes, openNodes: 0 };
}
