import type { SignalExecution } from '../commands.js';
import type { CoreEnvironment, DecisionState } from '../core-api.js';
import { accept, type Decision, refuse } from '../decision.js';
import { resultOfDraft } from '../result.js';
import { advance } from './advance.js';
import { completeUnit } from './end-unit.js';
import { beginTurn, isRunning, planOfRunning, type RunningExecution } from './execution-decision.js';
import { type ExecutionBody, maxPendingSignals } from './execution-state.js';

/** Hands a signal to the longest waiting flow.signal of that name, or keeps it until one comes. */
export function decideSignal(command: SignalExecution, state: DecisionState, env: CoreEnvironment): Decision {
  const { workflowId } = command;
  const { executionId } = command.data;
  const { execution } = state;
  if (execution.status === 'notStarted') {
    return refuse('EXECUTION_NOT_FOUND', `workflow ${workflowId} has no execution ${executionId}`, { executionId });
  }
  if (!isRunning(execution)) {
    const details = { executionId, status: execution.outcome };
    return refuse('EXECUTION_FINISHED', `execution ${executionId} has already ended: ${execution.outcome}`, details);
  }
  const waiting = longestWaiting(execution, command.data.name);
  if (waiting === undefined && execution.pendingSignals.length >= maxPendingSignals) {
    return refuse('RESOURCE_EXHAUSTED', `execution ${executionId} already keeps ${maxPendingSignals} signals that nothing waits for`);
  }
  return receive(command, execution, { waiting, state, env });
}

interface Receiving {
  readonly waiting: string | undefined;
  readonly state: DecisionState;
  readonly env: CoreEnvironment;
}

function receive(command: SignalExecution, execution: RunningExecution, { waiting, state, env }: Receiving): Decision {
  const { executionId, name, payload } = command.data;
  const ids = { workflowId: command.workflowId, executionId };
  const turn = beginTurn({ ...ids, now: command.now }, execution);
  const data = { name, ...(payload === undefined ? {} : { payload }) };
  turn.emit({ type: 'SignalReceived', data });
  if (waiting !== undefined) {
    const plan = planOfRunning(ids.workflowId, execution.version, state, env);
    const unit = plan.units.get(waiting);
    const output = payload ?? null;
    if (unit !== undefined && completeUnit(turn, unit, { nodes: { [waiting]: { output } } }) === 'ended') advance(turn, plan, [waiting]);
  }
  return accept(turn.events, resultOfDraft(ids, { type: 'SignalReceived', data }));
}

function longestWaiting(body: ExecutionBody, name: string): string | undefined {
  let longest: { readonly id: string; readonly since: number } | undefined;
  for (const [id, node] of Object.entries(body.nodes)) {
    if (node.status !== 'waiting' || node.kind !== 'signal' || node.signal !== name) continue;
    if (longest === undefined || node.since < longest.since || (node.since === longest.since && id < longest.id)) {
      longest = { id, since: node.since };
    }
  }
  return longest?.id;
}
