import { assertNever } from '../json.js';
import type { Plan, PlanUnit } from '../plan/plan.js';
import { readinessOf } from './edges.js';
import { failUnit, type UnitStep } from './end-unit.js';
import type { ExecutionTurn } from './execution-turn.js';
import { completeExecution } from './finish-execution.js';
import { nodeStateOf } from './node-states.js';
import { startUnit } from './start-unit.js';

/** Starts the execution's first units and goes on from there. */
export function startFirstUnits(turn: ExecutionTurn, plan: Plan): void {
  const ended: string[] = [];
  for (const unitId of plan.startUnits) {
    const unit = plan.units.get(unitId);
    if (unit === undefined || turn.isOver) continue;
    if (startUnit(turn, plan, unit) === 'ended') ended.push(unitId);
  }
  advance(turn, plan, ended);
}

/**
 * Goes on from units that have just ended: starts or skips what became ready, decides control nodes inline, and completes
 * the execution when nothing is open. Looks only at successors; terminates because the graph has no cycles and a unit
 * leaves `pending` once.
 */
export function advance(turn: ExecutionTurn, plan: Plan, endedUnits: readonly string[]): void {
  const ended = [...endedUnits];
  for (let unitId = ended.shift(); unitId !== undefined && !turn.isOver; unitId = ended.shift()) {
    for (const successorId of plan.successors.get(unitId) ?? []) {
      const unit = plan.units.get(successorId);
      if (unit === undefined || turn.isOver || nodeStateOf(turn.state, successorId) !== undefined) continue;
      if (enter(turn, plan, unit) === 'ended') ended.push(successorId);
    }
  }
  if (!turn.isOver && turn.state.openNodes === 0) completeExecution(turn, plan);
}

function enter(turn: ExecutionTurn, plan: Plan, unit: PlanUnit): UnitStep {
  const readiness = readinessOf(turn.state, plan, unit);
  switch (readiness) {
    case 'wait':
      return 'open';
    case 'skip':
      turn.emit({ type: 'NodeSkipped', data: { nodeIds: unit.nodeIds } });
      return 'ended';
    case 'start':
      return startUnit(turn, plan, unit);
    case 'tooFew':
      return failMerge(turn, plan, unit);
    default:
      return assertNever(readiness);
  }
}

function failMerge(turn: ExecutionTurn, plan: Plan, unit: PlanUnit): UnitStep {
  const nodeType = plan.nodes.get(unit.id)?.nodeType ?? 'flow.merge';
  turn.emit({ type: 'NodeExecutionStarted', data: { nodeId: unit.id, nodeType, attempt: 1 } });
  const message = `fewer incoming edges of ${unit.id} were taken than its count asks for`;
  return failUnit(turn, unit, { error: { code: 'MERGE_COUNT_NOT_REACHED', message, retryable: false } });
}
