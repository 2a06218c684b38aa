import type { LeftUnit } from '../core-api.js';
import type { Plan } from '../plan/plan.js';
import type { ExecutionState } from './execution-state.js';
import type { ExecutionIds } from './execution-turn.js';
import { nodeStateOf } from './node-states.js';

/**
 * The stages of an ended execution that began and did not complete: attempts of theirs, also of former owners, may have prepared
 * what nobody will publish. None while the execution has not ended.
 */
export function leftUnits(state: ExecutionState, plan: Plan, { workflowId, executionId }: ExecutionIds): readonly LeftUnit[] {
  if (state.status !== 'finished') return [];
  return [...plan.units.values()].flatMap((unit) => {
    const status = unit.kind === 'stage' ? nodeStateOf(state, unit.id)?.status : undefined;
    if (status !== 'failed' && status !== 'cancelled') return [];
    return { workflowId, executionId, unitId: unit.id, nodes: unit.nodeIds.flatMap((id) => plan.nodes.get(id) ?? []) };
  });
}
