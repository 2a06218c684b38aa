import type { OutboxSentReported } from '../commands.js';
import { accept, type Decision } from '../decision.js';
import type { WorkflowState } from './workflow-state.js';

/** L12: messages up to a revision are on the commands topic. What is marked already stays as it is. */
export function decideOutboxSent({ revision }: OutboxSentReported, workflow: WorkflowState): Decision {
  const isUnmarked = workflow.status !== 'absent' && workflow.outbox?.some((message) => message.revision <= revision) === true;
  return isUnmarked ? accept([{ type: 'OutboxSent', data: { revision }, entity: 'workflow' }]) : accept();
}
