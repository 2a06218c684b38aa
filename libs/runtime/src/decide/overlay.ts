import { type ExecutionState, initialExecutionState, initialWorkflowState, type WorkflowState } from '#core';
import type { Cause } from '#protocol';
import type { AnswerMemory, FirstAnswer } from '../dedupe/answer-memory.js';
import type { EntityTable } from '../entities/entity-table.js';

/** Speculative state of the batch in the making, over confirmed state. In doubt it is simply dropped (L5). */
export class Overlay {
  readonly workflows = new Map<string, WorkflowState>();
  readonly executions = new Map<string, ExecutionState>();
  readonly origins = new Map<string, Cause>();
  readonly answers = new Map<string, FirstAnswer>();

  constructor(
    readonly table: EntityTable,
    readonly memory: AnswerMemory,
  ) {}

  workflow(workflowId: string): WorkflowState {
    return this.workflows.get(workflowId) ?? this.table.workflow(workflowId)?.state ?? initialWorkflowState;
  }

  execution(key: string | undefined): ExecutionState {
    if (key === undefined) return initialExecutionState;
    return this.executions.get(key) ?? this.table.execution(key)?.state ?? initialExecutionState;
  }

  origin(key: string): Cause | undefined {
    return this.origins.get(key) ?? this.table.execution(key)?.origin;
  }

  answer(commandId: string): FirstAnswer | undefined {
    return this.answers.get(commandId) ?? this.memory.get(commandId);
  }

  touches(key: string): boolean {
    return this.executions.has(key) || this.workflows.has(key);
  }
}
