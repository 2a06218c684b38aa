import type { CloseShard } from '../commands.js';
import { accept, type Decision } from '../decision.js';
import { isHome, knows, refuseAtHome } from './place-shard.js';
import type { WorkflowState } from './workflow-state.js';

/** The workflow was deleted: nothing more starts here. What runs is cancelled where that was by force, else it ends by itself. */
export function decideCloseShard(command: CloseShard, shard: WorkflowState): Decision {
  if (isHome(shard)) return refuseAtHome(command.workflowId);
  if (shard.status === 'absent' || knows(shard, command.data.revision)) return accept();
  return accept([{ type: 'ShardClosed', data: command.data, entity: 'workflow' }]);
}
