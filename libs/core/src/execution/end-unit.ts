import type { NodeError, NodeResult } from '../commands.js';
import type { Json } from '../json.js';
import type { PlanUnit } from '../plan/plan.js';
import type { ExecutionTurn } from './execution-turn.js';
import { failExecution } from './finish-execution.js';
import { nodeStateOf } from './node-states.js';
import { nextRetryAt } from './retry.js';
import { edgeScope } from './scope.js';

/** Whether a unit is done with (its successors may go on) or still open (running, waiting, waiting to be retried). */
export type UnitStep = 'open' | 'ended';

/** What an attempt's nodes did; `handle` is where a switch leaves. */
export interface UnitCompletion {
  readonly nodes: Readonly<Record<string, NodeResult>>;
  readonly handle?: string;
}

interface UnitFailure {
  readonly error: NodeError;
  readonly failedNodeId?: string;
  /** No retry, whatever the policy says. */
  readonly isFinal?: boolean;
}

/** Records an attempt's success. A condition that cannot be evaluated turns it into a failure of the unit (EXPRESSION_FAILED). */
export function completeUnit(turn: ExecutionTurn, unit: PlanUnit, completion: UnitCompletion): UnitStep {
  const conditions = evaluateConditions(turn, unit, completion);
  if (!conditions.ok) return failUnit(turn, unit, conditions);
  const attempt = attemptOf(turn, unit);
  for (const nodeId of unit.nodeIds) {
    const result = resultOfNode(completion, nodeId);
    const untaken = conditions.untaken.filter((edge) => edge.source === nodeId).map((edge) => edge.id);
    turn.emit({
      type: 'NodeExecutionCompleted',
      data: {
        nodeId,
        attempt,
        duration: result.durationMs ?? durationOf(turn, nodeId),
        recordsProcessed: result.recordsIn || result.recordsOut || 0,
        ...(result.recordsIn === undefined ? {} : { recordsIn: result.recordsIn }),
        ...(result.recordsOut === undefined ? {} : { recordsOut: result.recordsOut }),
        ...(result.output === undefined ? {} : { output: result.output }),
        ...(completion.handle === undefined ? {} : { handle: completion.handle }),
        ...(untaken.length === 0 ? {} : { untaken }),
      },
    });
  }
  return 'ended';
}

function resultOfNode(completion: UnitCompletion, nodeId: string): NodeResult {
  return (Object.hasOwn(completion.nodes, nodeId) ? completion.nodes[nodeId] : undefined) ?? {};
}

function attemptOf(turn: ExecutionTurn, unit: PlanUnit): number {
  const head = nodeStateOf(turn.state, unit.id);
  return head === undefined || head.status === 'skipped' ? 1 : head.attempt;
}

function durationOf(turn: ExecutionTurn, nodeId: string): number {
  const node = nodeStateOf(turn.state, nodeId);
  return node === undefined || node.status === 'skipped' ? 0 : turn.at - node.startedAt;
}

type Conditions =
  | { readonly ok: true; readonly untaken: readonly { readonly id: string; readonly source: string }[] }
  | { readonly ok: false; readonly error: NodeError; readonly failedNodeId: string };

/** Evaluates, once, the conditions of the edges that leave by the chosen handle. */
function evaluateConditions(turn: ExecutionTurn, unit: PlanUnit, completion: UnitCompletion): Conditions {
  if (!unit.outgoing.some((edge) => edge.condition !== undefined)) return { ok: true, untaken: [] };
  const handle = completion.handle ?? 'out';
  const outputs = Object.fromEntries(unit.nodeIds.map((id): [string, Json] => [id, resultOfNode(completion, id).output ?? null]));
  const untaken: { id: string; source: string }[] = [];
  for (const edge of unit.outgoing) {
    if (edge.condition === undefined || edge.sourceHandle !== handle) continue;
    const scope = edgeScope(outputs[edge.source] ?? null, outputs, turn.state, turn.ids);
    const result = edge.condition.evaluate(scope);
    const trouble = result.ok ? (typeof result.value === 'boolean' ? undefined : notBoolean(result.value)) : result.message;
    if (trouble !== undefined) {
      const message = `the condition of edge ${edge.id} failed: ${trouble}`;
      return { ok: false, failedNodeId: edge.source, error: { code: 'EXPRESSION_FAILED', message, retryable: false } };
    }
    if (result.ok && result.value === false) untaken.push(edge);
  }
  return { ok: true, untaken };
}

function notBoolean(value: Json): string {
  return `it gave ${JSON.stringify(value)?.slice(0, 100)}, not true or false`;
}

/** Records an attempt's failure: a retry is planned, or `onError` goes on elsewhere, or the execution fails. */
export function failUnit(turn: ExecutionTurn, unit: PlanUnit, failure: UnitFailure): UnitStep {
  const head = nodeStateOf(turn.state, unit.id);
  if (head === undefined || head.status === 'skipped') return 'ended';
  const { error } = failure;
  const nodeId = failure.failedNodeId !== undefined && unit.nodeIds.includes(failure.failedNodeId) ? failure.failedNodeId : unit.id;
  const common = {
    nodeId,
    attempt: head.attempt,
    error,
    duration: turn.at - head.startedAt,
    ...(nodeId === unit.id ? {} : { unitId: unit.id }),
  };
  const seed = `${turn.ids.executionId}/${unit.id}/${head.attempt}`;
  const retryAt = failure.isFinal ? undefined : nextRetryAt(unit.retry, { failedCount: head.failedCount + 1, error, at: turn.at, seed });
  if (retryAt !== undefined) {
    turn.emit({ type: 'NodeExecutionFailed', data: { ...common, willRetryAt: retryAt } });
    return 'open';
  }
  return failForGood(turn, unit, common);
}

function failForGood(
  turn: ExecutionTurn,
  unit: PlanUnit,
  common: { readonly nodeId: string; readonly attempt: number; readonly error: NodeError; readonly duration: number },
): UnitStep {
  const handled = handlingOf(turn, unit);
  turn.emit({ type: 'NodeExecutionFailed', data: { ...common, ...handled } });
  if (handled.handledBy === undefined) failExecution(turn, common.nodeId, common.error);
  return 'ended';
}

/** Where `onError` goes on. With `continue` the edges are decided on output null; where that cannot be done, the failure stands. */
function handlingOf(turn: ExecutionTurn, unit: PlanUnit): { handledBy?: string; untaken?: readonly string[] } {
  if (unit.onError === 'fail') return {};
  if (unit.onError !== 'continue') return { handledBy: unit.onError.goto };
  const conditions = evaluateConditions(turn, unit, { nodes: {} });
  if (!conditions.ok) return {};
  const untaken = conditions.untaken.map((edge) => edge.id);
  return { handledBy: 'continue', ...(untaken.length === 0 ? {} : { untaken }) };
}
