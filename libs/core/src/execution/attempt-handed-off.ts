import type { AttemptHandedOff } from '../commands.js';
import type { DecisionState } from '../core-api.js';
import { accept, type Decision } from '../decision.js';
import { beginTurn, isRunning } from './execution-decision.js';
import { nodeStateOf } from './node-states.js';
import { isOpenAttempt } from './waiting.js';

/** Ends an attempt because its owner leaves in good order. That is no loss; what it reports from now on changes nothing. */
export function decideHandedOff(signal: AttemptHandedOff, { execution }: DecisionState): Decision {
  const { unitId, attempt } = signal;
  if (!isRunning(execution) || !isOpenAttempt(execution, unitId, attempt)) return accept();
  const node = nodeStateOf(execution, unitId);
  if (node?.status !== 'running') return accept();
  const turn = beginTurn(signal, execution);
  turn.emit({ type: 'NodeAttemptLost', data: { nodeId: unitId, attempt, lostCount: node.lostCount, handedOff: true } });
  return accept(turn.events);
}
