import type { NodeError } from '../commands.js';
import type { Json } from '../json.js';
import type { Plan } from '../plan/plan.js';
import type { ExecutionBody } from './execution-state.js';
import type { ExecutionTurn } from './execution-turn.js';
import { nodeStateOf } from './node-states.js';
import { outputOf } from './scope.js';

/** Ends the execution well. */
export function completeExecution(turn: ExecutionTurn, plan: Plan): void {
  const { state } = turn;
  let completedNodes = 0;
  for (const node of Object.values(state.nodes)) if (node.status === 'completed') completedNodes += 1;
  const output = executionOutput(state, plan);
  const data = { duration: turn.at - state.startedAt, completedNodes, ...(output === undefined ? {} : { output }) };
  turn.emit({ type: 'WorkflowCompleted', data });
  close(turn, 'completed');
}

/** Ends it because a node failed for good and nothing handles that. */
export function failExecution(turn: ExecutionTurn, failedNodeId: string, error: NodeError): void {
  const reason = `node ${failedNodeId} failed: ${error.message}`;
  turn.emit({ type: 'WorkflowFailed', data: { reason, failedNodeId, error, duration: turn.at - turn.state.startedAt } });
  close(turn, 'failed');
}

/** Ends it because somebody asked. */
export function cancelExecution(turn: ExecutionTurn, reason: string | undefined): void {
  const why = reason === undefined ? {} : { reason };
  turn.emit({ type: 'ExecutionCancelRequested', data: why });
  turn.emit({ type: 'WorkflowCancelled', data: { ...why, duration: turn.at - turn.state.startedAt } });
  close(turn, 'cancelled');
}

function close(turn: ExecutionTurn, status: 'completed' | 'failed' | 'cancelled'): void {
  const { version, startedAt } = turn.state;
  turn.emitForWorkflow({ type: 'ExecutionClosed', data: { executionId: turn.ids.executionId, version, startedAt, status } });
}

/** The output of the only node that ended with nothing after it, or `{[nodeId]: output}` of several. */
function executionOutput(body: ExecutionBody, plan: Plan): Json | undefined {
  const [only, ...others] = lastNodes(body, plan);
  if (only === undefined) return undefined;
  if (others.length === 0) return outputOf(body, only);
  return Object.fromEntries([only, ...others].map((id) => [id, outputOf(body, id)]));
}

function lastNodes(body: ExecutionBody, plan: Plan): readonly string[] {
  const hasSuccessor = new Set<string>();
  for (const unit of plan.units.values()) {
    for (const edge of [...unit.innerEdges, ...unit.outgoing]) if (hasEnded(body, edge.target)) hasSuccessor.add(edge.source);
  }
  const ended = Object.keys(body.nodes).filter((id) => hasEnded(body, id));
  return ended.filter((id) => !hasSuccessor.has(id) && plan.nodes.has(id));
}

/** Completed, or failed with `onError: continue` (its output is then null). */
function hasEnded(body: ExecutionBody, nodeId: string): boolean {
  const node = nodeStateOf(body, nodeId);
  return node?.status === 'completed' || (node?.status === 'failed' && node.handledBy === 'continue');
}
