import { type EpochMs, type Event, type EventDraft, evolveExecution, evolveWorkflow, isShard, type WorkflowState } from '#core';
import { completeEvent } from '#protocol';
import type { Change } from './verdict.js';

/** Where a decision's events belong. */
export interface Place {
  readonly workflowId: string;
  readonly executionId: string;
  readonly now: EpochMs;
  readonly epoch: string;
  readonly partition: number;
}

/** Gives drafts their place in their entities and evolves both states over them. `at` never runs backwards within an entity. */
export function applyDrafts(drafts: readonly EventDraft[], before: Omit<Change, 'events'>, place: Place): Change {
  let { workflow, execution } = before;
  const events: Event[] = [];
  for (const draft of drafts) {
    const state = draft.entity === 'workflow' ? workflow : execution;
    const at = Math.max(place.now, state.lastAt);
    const { workflowId, executionId, epoch } = place;
    const shard = isOfShard(draft, workflow) ? place.partition : undefined;
    const event = completeEvent(draft, { workflowId, executionId, seq: state.seq + 1, at, epoch, shard });
    if (event.executionId === undefined) workflow = evolveWorkflow(workflow, event);
    else execution = evolveExecution(execution, event);
    events.push(event);
  }
  return { events, workflow, execution };
}

/** L13: a shard's facts have keys of their own, beside those of the workflow and of its shards elsewhere. */
function isOfShard(draft: EventDraft, workflow: WorkflowState): boolean {
  return draft.entity === 'workflow' && (draft.type === 'ShardPlaced' || isShard(workflow));
}
