import type { NodeOutcomeReported } from '../commands.js';
import type { CoreEnvironment, DecisionState } from '../core-api.js';
import { accept, type Decision } from '../decision.js';
import { advance } from './advance.js';
import { completeUnit, failUnit } from './end-unit.js';
import { beginTurn, isRunning, planOfRunning } from './execution-decision.js';
import { isOpenAttempt } from './waiting.js';

/** An attempt ended. Only the open attempt counts; any other report changes nothing. */
export function decideOutcome(signal: NodeOutcomeReported, state: DecisionState, env: CoreEnvironment): Decision {
  const { execution } = state;
  const { unitId, attempt, outcome } = signal;
  if (!isRunning(execution) || !isOpenAttempt(execution, unitId, attempt)) return accept();
  const plan = planOfRunning(signal.workflowId, execution.version, state, env);
  const unit = plan.units.get(unitId);
  if (unit === undefined) return accept();
  const turn = beginTurn(signal, execution);
  const step = outcome.status === 'completed' ? completeUnit(turn, unit, outcome) : failUnit(turn, unit, outcome);
  if (step === 'ended') advance(turn, plan, [unitId]);
  return accept(turn.events);
}
