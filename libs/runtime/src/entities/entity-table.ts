import { type EpochMs, initialExecutionState, initialWorkflowState, isFinished } from '#core';
import { entityKey, parseEntityKey } from '#protocol';
import type { Snapshot } from '../ports/snapshot-store.js';
import type { Entity, ExecutionEntity, WorkflowEntity } from './entity.js';

/**
 * The entities in memory. One that is here is authoritative: confirmed state, nothing newer exists. One that is not here
 * is in the store as new as it ever was, or does not exist (L10).
 */
export class EntityTable {
  readonly #workflows = new Map<string, WorkflowEntity>();
  readonly #executions = new Map<string, ExecutionEntity>();

  workflow(workflowId: string): WorkflowEntity | undefined {
    return this.#workflows.get(workflowId);
  }

  execution(key: string): ExecutionEntity | undefined {
    return this.#executions.get(key);
  }

  get(key: string): Entity | undefined {
    return this.#executions.get(key) ?? this.#workflows.get(key);
  }

  has(key: string): boolean {
    return this.#executions.has(key) || this.#workflows.has(key);
  }

  /** Puts what the store answered in memory; what is in memory already is newer and stays. */
  install(key: string, snapshot: Snapshot | undefined, now: EpochMs): void {
    if (this.has(key)) return;
    const { workflowId, executionId } = parseEntityKey(key);
    const head = { key, workflowId, savedSeq: snapshot?.seq ?? 0, usedAt: now, quarantine: snapshot?.quarantine };
    if (executionId === undefined) {
      const state = snapshot?.kind === 'workflow' ? snapshot.state : initialWorkflowState;
      this.#workflows.set(key, { ...head, kind: 'workflow', state });
    } else {
      const state = snapshot?.kind === 'execution' ? snapshot.state : initialExecutionState;
      this.#executions.set(key, { ...head, kind: 'execution', executionId, state, origin: snapshot?.origin });
    }
  }

  /** An execution that is known not to exist yet. */
  installNew(workflowId: string, executionId: string, now: EpochMs): void {
    this.install(entityKey(workflowId, executionId), undefined, now);
  }

  evict(key: string): void {
    if (!this.#executions.delete(key)) this.#workflows.delete(key);
  }

  clear(): void {
    this.#workflows.clear();
    this.#executions.clear();
  }

  workflows(): IterableIterator<WorkflowEntity> {
    return this.#workflows.values();
  }

  executions(): IterableIterator<ExecutionEntity> {
    return this.#executions.values();
  }

  get size(): number {
    return this.#workflows.size + this.#executions.size;
  }

  /** Unfinished executions in memory. */
  countUnfinished(): number {
    let count = 0;
    for (const { state } of this.#executions.values()) if (state.seq > 0 && !isFinished(state)) count += 1;
    return count;
  }
}
