import type { EventDraft, ExecutionEventBody, WorkflowEventBody } from '../events.js';
import type { EpochMs } from '../json.js';
import { applyExecutionBody } from './evolve-execution.js';
import type { OwnedNodes } from './evolve-node.js';
import type { StartedExecution } from './execution-state.js';

/** Names an execution. */
export interface ExecutionIds {
  readonly workflowId: string;
  readonly executionId: string;
}

/** Control nodes decided in one decision, at most: longer chains go on by a timer that is due at once, so that an append stays small. */
export const maxInlineSteps = 500;

/** One decision about one execution: collects its facts and folds each at once, so that later steps see the earlier ones. */
export class ExecutionTurn {
  readonly events: EventDraft[] = [];
  readonly #owned: OwnedNodes = {};
  #state: StartedExecution;
  #inlineSteps = 0;

  constructor(
    readonly ids: ExecutionIds,
    state: StartedExecution,
    /** The time of this decision's facts: never behind the entity's last one. */
    readonly at: EpochMs,
  ) {
    this.#state = state;
  }

  get state(): StartedExecution {
    return this.#state;
  }

  get isOver(): boolean {
    return this.#state.status === 'finished';
  }

  /** Counts a control node decided inline; false when this decision has done its share. */
  mayStepInline(): boolean {
    this.#inlineSteps += 1;
    return this.#inlineSteps <= maxInlineSteps;
  }

  emit(body: ExecutionEventBody): void {
    this.events.push({ ...body, entity: 'execution' });
    const next = applyExecutionBody(this.#state, body, { seq: this.#state.seq + 1, lastAt: this.at }, this.#owned);
    if (next.status !== 'notStarted') this.#state = next;
  }

  emitForWorkflow(body: WorkflowEventBody): void {
    this.events.push({ ...body, entity: 'workflow' });
  }
}
