import type { ExecutionEventBody } from '../events.js';
import type { EpochMs } from '../json.js';
import type { Draft } from './draft-state.js';
import type { ExecutionBody, NodeState } from './execution-state.js';
import { isOpenNode, nodeStateOf, unitIdOf } from './node-states.js';

type DataOf<Type extends ExecutionEventBody['type']> = Extract<ExecutionEventBody, { type: Type }>['data'];
type BodyDraft = Draft<ExecutionBody>;

/** The `nodes` object that a fold has made itself and may go on writing to: one copy per fold, not one per fact. */
export interface OwnedNodes {
  nodes?: Record<string, NodeState>;
}

type StartedNode = Exclude<NodeState, { status: 'skipped' }>;
type NodeDraft<Status extends NodeState['status']> = Draft<Extract<NodeState, { status: Status }>>;

// These run twice for every fact on the hot loop: fields are assigned, as conditional spreads cost three times as much.

function startedNodeOf(body: ExecutionBody, nodeId: string): StartedNode | undefined {
  const node = nodeStateOf(body, nodeId);
  return node === undefined || node.status === 'skipped' ? undefined : node;
}

/** One node replaced, the counter of open nodes kept right. */
function setNode(body: BodyDraft, nodeId: string, next: NodeState, owned: OwnedNodes): void {
  body.openNodes += Number(isOpenNode(next)) - Number(isOpenNode(nodeStateOf(body, nodeId)));
  if (owned.nodes === undefined || owned.nodes !== body.nodes) {
    owned.nodes = { ...body.nodes };
    body.nodes = owned.nodes;
  }
  owned.nodes[nodeId] = next;
}

/** What every state after the start keeps of the node. */
function carried(node: StartedNode): Pick<StartedNode, 'nodeType' | 'attempt' | 'startedAt' | 'lostCount' | 'failedCount' | 'unitId'> {
  const { nodeType, attempt, startedAt, lostCount, failedCount } = node;
  if (node.unitId === undefined) return { nodeType, attempt, startedAt, lostCount, failedCount };
  return { nodeType, attempt, startedAt, lostCount, failedCount, unitId: node.unitId };
}

export function nodeStarted(body: BodyDraft, data: DataOf<'NodeExecutionStarted'>, at: EpochMs, owned: OwnedNodes): void {
  const before = startedNodeOf(body, data.nodeId);
  const next: NodeDraft<'running'> = {
    status: 'running',
    nodeType: data.nodeType,
    attempt: data.attempt,
    startedAt: at,
    lostCount: before?.lostCount ?? 0,
    failedCount: before?.failedCount ?? 0,
  };
  if (data.unitId !== undefined) next.unitId = data.unitId;
  if (data.timeoutAt !== undefined) next.timeoutAt = data.timeoutAt;
  // The next attempt resumes from the last one's checkpoint.
  if (before !== undefined && 'checkpoint' in before && before.checkpoint !== undefined) next.checkpoint = before.checkpoint;
  setNode(body, data.nodeId, next, owned);
}

export function nodeProgressed(body: BodyDraft, data: DataOf<'NodeProgressed'>, owned: OwnedNodes): void {
  const node = nodeStateOf(body, data.nodeId);
  if (node?.status !== 'running') return;
  setNode(body, data.nodeId, { ...node, checkpoint: data.checkpoint, lostCount: 0 }, owned); // what moves on is no poison
}

export function nodeCompleted(body: BodyDraft, data: DataOf<'NodeExecutionCompleted'>, at: EpochMs, owned: OwnedNodes): void {
  const node = startedNodeOf(body, data.nodeId);
  if (node === undefined) return;
  const { nodeType, attempt, startedAt, lostCount, failedCount } = node;
  const { recordsProcessed } = data;
  const next: NodeDraft<'completed'> = {
    status: 'completed',
    nodeType,
    attempt,
    startedAt,
    lostCount,
    failedCount,
    endedAt: at,
    recordsProcessed,
  };
  if (node.unitId !== undefined) next.unitId = node.unitId;
  if (data.output !== undefined) next.output = data.output;
  if (data.recordsIn !== undefined) next.recordsIn = data.recordsIn;
  if (data.recordsOut !== undefined) next.recordsOut = data.recordsOut;
  if (data.handle !== undefined) next.handle = data.handle;
  if (data.untaken !== undefined) next.untaken = data.untaken;
  setNode(body, data.nodeId, next, owned);
  takeSignal(body, node);
}

/** A flow.signal that completes takes the oldest kept signal of its name. */
function takeSignal(body: BodyDraft, node: StartedNode): void {
  if (node.status !== 'waiting' || node.kind !== 'signal') return;
  const index = body.pendingSignals.findIndex((signal) => signal.name === node.signal);
  if (index >= 0) body.pendingSignals = body.pendingSignals.toSpliced(index, 1);
}

/** Moves every open node of a unit on; rare, so that it may look at all nodes. */
export function nodeFailed(body: BodyDraft, data: DataOf<'NodeExecutionFailed'>, at: EpochMs, owned: OwnedNodes): void {
  const unitId = data.unitId ?? data.nodeId;
  for (const [id, node] of Object.entries(body.nodes)) {
    if (node.status === 'skipped' || unitIdOf(id, node) !== unitId || !isOpenNode(node)) continue;
    setNode(body, id, data.willRetryAt === undefined ? failedForGood(id, node, data, at) : untilRetry(node, data, at), owned);
  }
}

function untilRetry(node: StartedNode, data: DataOf<'NodeExecutionFailed'>, at: EpochMs): NodeState {
  const next: NodeDraft<'waiting'> = {
    ...carried(node),
    lostCount: 0,
    failedCount: node.failedCount + 1,
    status: 'waiting',
    kind: 'retry',
    since: at,
    lastError: data.error,
  };
  if (data.willRetryAt !== undefined) next.until = data.willRetryAt;
  if ('checkpoint' in node && node.checkpoint !== undefined) next.checkpoint = node.checkpoint;
  return next;
}

/** The unit's first node carries the failure, for the edges; the node that failed, for the reader; the others did nothing wrong. */
function failedForGood(id: string, node: StartedNode, data: DataOf<'NodeExecutionFailed'>, at: EpochMs): NodeState {
  const isHead = node.unitId === undefined;
  if (!isHead && id !== data.nodeId) return { ...carried(node), status: 'cancelled', endedAt: at };
  const next: NodeDraft<'failed'> = {
    ...carried(node),
    failedCount: node.failedCount + 1,
    status: 'failed',
    endedAt: at,
    error: data.error,
  };
  if (data.handledBy !== undefined) next.handledBy = data.handledBy;
  if (data.untaken !== undefined) next.untaken = data.untaken;
  if (isHead && id !== data.nodeId) next.failedNodeId = data.nodeId;
  return next;
}

export function nodeLost(body: BodyDraft, data: DataOf<'NodeAttemptLost'>, owned: OwnedNodes): void {
  const node = nodeStateOf(body, data.nodeId);
  if (node?.status !== 'running') return;
  const handedOff = data.handedOff === undefined ? {} : { handedOff: data.handedOff };
  setNode(body, data.nodeId, { ...node, lostCount: data.lostCount, ...handedOff }, owned);
}

export function nodesSkipped(body: BodyDraft, data: DataOf<'NodeSkipped'>, at: EpochMs, owned: OwnedNodes): void {
  for (const nodeId of data.nodeIds) setNode(body, nodeId, { status: 'skipped', at }, owned);
}

export function nodeWaiting(body: BodyDraft, data: DataOf<'NodeWaiting'>, at: EpochMs, owned: OwnedNodes): void {
  const node = startedNodeOf(body, data.nodeId);
  if (node === undefined) return;
  const next: NodeDraft<'waiting'> = { ...carried(node), status: 'waiting', since: at, kind: data.kind };
  if (data.until !== undefined) next.until = data.until;
  if (data.signal !== undefined) next.signal = data.signal;
  setNode(body, data.nodeId, next, owned);
}

/** When an execution ends, what was open in it is cancelled. */
export function cancelOpenNodes(body: BodyDraft, at: EpochMs): void {
  if (body.openNodes === 0) return;
  const nodes: Record<string, NodeState> = { ...body.nodes };
  for (const [id, node] of Object.entries(body.nodes)) {
    if (node.status === 'running' || node.status === 'waiting') nodes[id] = { ...carried(node), status: 'cancelled', endedAt: at };
  }
  body.nodes = nodes;
  body.openNodes = 0;
}
