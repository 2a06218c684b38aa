import { type ExecutionState, isFinished, type LeftUnit, leftUnits, type Plan } from '#core';
import { entityKey } from '#protocol';
import type { Checkpointer } from '../checkpoint/checkpointer.js';
import type { PartitionContext } from '../control/context.js';
import { settledWithin } from '../control/waiting.js';
import type { Overlay } from '../decide/overlay.js';
import type { ExecutionEntity } from '../entities/entity.js';
import type { EntityTable } from '../entities/entity-table.js';
import type { DispatchTable } from './dispatch-table.js';

const removeWithinMs = 10_000;

export interface LeftoverRooms {
  readonly table: EntityTable;
  readonly dispatches: DispatchTable;
  readonly checkpoint: Checkpointer;
}

/**
 * What attempts of an ended execution have left outside, such as part files of owners that died, goes with its end. Until it is
 * gone the end is in no snapshot, so that a later owner reads it in the log and sees to it: an end is known as new only there.
 */
export class Leftovers {
  /** Of ends that recovery or a doubt has read: nothing is removed before the partition is served (V3). */
  #read: LeftUnit[] = [];
  readonly #removing = new Map<string, Promise<void>>();

  constructor(
    readonly context: PartitionContext,
    readonly rooms: LeftoverRooms,
  ) {}

  /** Of the executions that a batch ends, asked before the batch is state: a workflow may forget the version with its last execution. */
  of(overlay: Overlay): readonly LeftUnit[] {
    return [...overlay.executions].flatMap(([key, state]) => {
      const entity = isFinished(state) ? this.rooms.table.execution(key) : undefined;
      return entity === undefined || isFinished(entity.state) ? [] : this.#leftBy({ ...entity, state });
    });
  }

  /** An end was read, and its workflow does not know of it yet. */
  readEnd(executionKey: string): void {
    const entity = this.rooms.table.execution(executionKey);
    if (entity !== undefined) this.#read.push(...this.#leftBy(entity));
  }

  forget(): void {
    this.#read = [];
  }

  removeRead(): void {
    this.remove(this.#read.splice(0));
  }

  remove(left: readonly LeftUnit[]): void {
    const byExecution = new Map<string, LeftUnit[]>();
    for (const one of left) {
      const key = entityKey(one.workflowId, one.executionId);
      byExecution.set(key, [...(byExecution.get(key) ?? []), one]);
    }
    for (const [key, units] of byExecution) this.#removeAll(key, units);
  }

  /** Resolves when everything is gone that is being removed. */
  async whenGone(): Promise<void> {
    await Promise.all(this.#removing.values());
  }

  #leftBy({ workflowId, executionId, state }: ExecutionEntity): readonly LeftUnit[] {
    const plan = this.context.ports.work.discard === undefined ? undefined : this.#planOf(workflowId, state);
    return plan === undefined ? [] : leftUnits(state, plan, { workflowId, executionId });
  }

  #planOf(workflowId: string, state: ExecutionState): Plan | undefined {
    const workflow = this.rooms.table.workflow(workflowId)?.state;
    if (workflow === undefined || state.status === 'notStarted') return undefined;
    return this.context.ports.core.planOf(workflow, workflowId, state.version);
  }

  #removeAll(key: string, units: readonly LeftUnit[]): void {
    const before = this.#removing.get(key) ?? Promise.resolve();
    const { ready } = this.rooms.checkpoint;
    const held = [key, ...this.#forgetful(key)];
    for (const one of held) ready.holdBack(one);
    const gone = before
      .then(() => this.#within(key, Promise.all(units.map((unit) => this.#remove(key, unit)))))
      .then(() => {
        for (const one of held) ready.release(one);
        if (this.#removing.get(key) === gone) this.#removing.delete(key);
      });
    this.#removing.set(key, gone);
  }

  /** The workflow, where it has forgotten the version with the execution's end: its snapshot would know nothing of the stages any more. */
  #forgetful(key: string): readonly string[] {
    const entity = this.rooms.table.execution(key);
    return entity === undefined || this.#planOf(entity.workflowId, entity.state) !== undefined ? [] : [entity.workflowId];
  }

  async #remove(key: string, left: LeftUnit): Promise<void> {
    await this.rooms.dispatches.ended(key, left.unitId);
    await this.context.ports.work.discard?.(left);
  }

  /** A disk that does not answer must not keep the checkpoint where it is. */
  async #within(key: string, removal: Promise<unknown>): Promise<void> {
    const { clock, partition, ports } = this.context;
    if (!(await settledWithin(clock, removal, removeWithinMs)))
      ports.observer.note(partition, 'warn', `what attempts of ${key} left could not be removed within ${removeWithinMs} ms`);
  }
}
