import { type EpochMs, type Event, type EventDraft, evolveExecution, evolveWorkflow } from '#core';
import { completeEvent } from '#protocol';
import type { Change } from './verdict.js';

/** Where a decision's events belong. */
export interface Place {
  readonly workflowId: string;
  readonly executionId: string;
  readonly now: EpochMs;
  readonly epoch: string;
}

/** Gives drafts their place in their entities and evolves both states over them. `at` never runs backwards within an entity. */
export function applyDrafts(drafts: readonly EventDraft[], before: Omit<Change, 'events'>, place: Place): Change {
  let { workflow, execution } = before;
  const events: Event[] = [];
  for (const draft of drafts) {
    const state = draft.entity === 'workflow' ? workflow : execution;
    const at = Math.max(place.now, state.lastAt);
    const { workflowId, executionId, epoch } = place;
    const event = completeEvent(draft, { workflowId, executionId, seq: state.seq + 1, at, epoch });
    if (event.executionId === undefined) workflow = evolveWorkflow(workflow, event);
    else execution = evolveExecution(execution, event);
    events.push(event);
  }
  return { events, workflow, execution };
}
