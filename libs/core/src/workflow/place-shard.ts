import type { PlaceShard } from '../commands.js';
import { accept, type Decision, refuse } from '../decision.js';
import { isShard, type WorkflowState } from './workflow-state.js';

/** A version for executions that live here. What is not newer than the last word from home is a repeat and changes nothing (L12). */
export function decidePlaceShard(command: PlaceShard, shard: WorkflowState): Decision {
  if (isHome(shard)) return refuseAtHome(command.workflowId);
  if (knows(shard, command.data.revision)) return accept();
  return accept([{ type: 'ShardPlaced', data: command.data, entity: 'workflow' }]);
}

/** Whether a message from home brings nothing new. */
export function knows(shard: WorkflowState, revision: number): boolean {
  return shard.status !== 'absent' && (shard.revision ?? 0) >= revision;
}

/** Whether this is the workflow itself. */
export function isHome(workflow: WorkflowState): boolean {
  return workflow.status !== 'absent' && !isShard(workflow);
}

export function refuseAtHome(workflowId: string): Decision {
  return refuse('INVALID_COMMAND', `workflow ${workflowId} itself is on this partition: it has no shard here`);
}
