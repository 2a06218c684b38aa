import type { AttemptLostReported } from '../commands.js';
import type { CoreEnvironment, DecisionState } from '../core-api.js';
import { accept, type Decision } from '../decision.js';
import { advance } from './advance.js';
import { failUnit } from './end-unit.js';
import { beginTurn, isRunning, planOfRunning } from './execution-decision.js';
import { maxLostAttempts } from './execution-state.js';
import { nodeStateOf } from './node-states.js';
import { startUnit } from './start-unit.js';

/**
 * An attempt ended with its engine: another begins at once and resumes from the checkpoint; the third loss in a row fails the
 * node. One that was handed off has ended already and is no loss.
 */
export function decideAttemptLost(signal: AttemptLostReported, state: DecisionState, env: CoreEnvironment): Decision {
  const { execution } = state;
  const { unitId, attempt } = signal;
  if (!isRunning(execution)) return accept();
  const plan = planOfRunning(signal.workflowId, execution.version, state, env);
  const unit = plan.units.get(unitId);
  const node = nodeStateOf(execution, unitId);
  if (unit === undefined || node?.status !== 'running' || node.attempt !== attempt || node.unitId !== undefined) return accept();
  const turn = beginTurn(signal, execution);
  if (node.handedOff) {
    startUnit(turn, plan, unit);
    return accept(turn.events);
  }
  const lostCount = node.lostCount + 1;
  turn.emit({ type: 'NodeAttemptLost', data: { nodeId: unitId, attempt, lostCount } });
  if (lostCount < maxLostAttempts) {
    startUnit(turn, plan, unit);
    return accept(turn.events);
  }
  const message = `the engine that ran node ${unitId} was lost ${lostCount} times in a row`;
  failUnit(turn, unit, { error: { code: 'ATTEMPT_LOST', message }, isFinal: true });
  advance(turn, plan, [unitId]);
  return accept(turn.events);
}
