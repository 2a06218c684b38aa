import type { NodeProgressReported } from '../commands.js';
import type { DecisionState } from '../core-api.js';
import { accept, type Decision } from '../decision.js';
import { beginTurn, isRunning } from './execution-decision.js';
import { isOpenAttempt } from './waiting.js';

/** A stage's checkpoint; the next attempt resumes from it. Only the open attempt's counts. */
export function decideProgress(signal: NodeProgressReported, { execution }: DecisionState): Decision {
  const { unitId, attempt, checkpoint } = signal;
  if (!isRunning(execution) || !isOpenAttempt(execution, unitId, attempt)) return accept();
  const turn = beginTurn(signal, execution);
  turn.emit({ type: 'NodeProgressed', data: { nodeId: unitId, attempt, checkpoint } });
  return accept(turn.events);
}
