import type { Decide } from './core-api.js';
import { refuse } from './decision.js';
import { decideHandedOff } from './execution/attempt-handed-off.js';
import { decideAttemptLost } from './execution/attempt-lost.js';
import { decideCancel, decideCancelByWorkflow } from './execution/cancel.js';
import { decideExecute } from './execution/execute.js';
import { decideOutcome } from './execution/report-outcome.js';
import { decideProgress } from './execution/report-progress.js';
import { decideSignal } from './execution/signal.js';
import { decideWakeUp } from './execution/wake-up.js';
import { assertNever } from './json.js';
import { decideCloseShard } from './workflow/close-shard.js';
import { decideCreate } from './workflow/create.js';
import { decideDelete } from './workflow/delete.js';
import { decideOutboxSent } from './workflow/outbox-sent.js';
import { decidePlaceShard } from './workflow/place-shard.js';
import { decideUpdate } from './workflow/update.js';

/**
 * One input, decided against the state: facts, or a refusal. Deterministic. Throws only where an assumption is broken
 * (a running execution without a plan); the caller then quarantines the entity (V3).
 */
export const decide: Decide = (input, state, env) => {
  switch (input.type) {
    case 'CreateWorkflow':
      return decideCreate(input, state.workflow, env);
    case 'UpdateWorkflow':
      return decideUpdate(input, state.workflow, env);
    case 'DeleteWorkflow':
      return decideDelete(input, state.workflow);
    case 'ExecuteWorkflow':
      return decideExecute(input, state, env);
    case 'CancelExecution':
      return decideCancel(input, state.execution);
    case 'SignalExecution':
      return decideSignal(input, state, env);
    case 'ReleaseQuarantine':
      return refuse('INVALID_COMMAND', 'nothing is quarantined here'); // the runtime handles it where something is
    case 'PlaceShard':
      return decidePlaceShard(input, state.workflow);
    case 'CloseShard':
      return decideCloseShard(input, state.workflow);
    case 'OutboxSentReported':
      return decideOutboxSent(input, state.workflow);
    case 'NodeProgressReported':
      return decideProgress(input, state);
    case 'NodeOutcomeReported':
      return decideOutcome(input, state, env);
    case 'AttemptLostReported':
      return decideAttemptLost(input, state, env);
    case 'AttemptHandedOff':
      return decideHandedOff(input, state);
    case 'WakeUp':
      return decideWakeUp(input, state, env);
    case 'ExecutionCancelRequestedByWorkflow':
      return decideCancelByWorkflow(input, state.execution);
    default:
      return assertNever(input);
  }
};
