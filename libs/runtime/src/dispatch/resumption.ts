import { type DispatchUnit, dispatchOf, type Event, isFinished, runningUnits } from '#core';
import { entityKey, eventHeaders, type StoredRecord } from '#protocol';
import type { PartitionContext } from '../control/context.js';
import { type Entity, type ExecutionEntity, isAtWork, isCancelling, type WorkflowEntity } from '../entities/entity.js';
import type { EntityTable } from '../entities/entity-table.js';
import type { SignalInput } from '../mailbox/inputs.js';
import type { DispatchTable } from './dispatch-table.js';
import type { Leftovers } from './leftovers.js';

export interface ResumptionRooms {
  readonly table: EntityTable;
  readonly dispatches: DispatchTable;
  readonly leftovers: Leftovers;
  report(input: SignalInput): void;
  armTimer(entity: ExecutionEntity): void;
  cancelExecutions(workflowId: string): void;
  /** L12: what was not sent, or not marked. */
  sendOutbox(entity: WorkflowEntity): void;
  /** The execution may have ended: whoever waits for it. */
  executionChanged(entity: ExecutionEntity): void;
}

/** Takes entities up again that came from the store or the log: timers, attempts that were lost with their owner, cancellations. */
export class Resumption {
  /** Since the last doubt: what re-reading the log changed, and which starts of ours it holds. */
  readonly #touched = new Set<string>();
  readonly #landedStarts = new Set<string>();

  constructor(
    readonly context: PartitionContext,
    readonly rooms: ResumptionRooms,
  ) {}

  /** Recovery is over: everything in memory. */
  resumeAll(): void {
    for (const entity of this.rooms.table.executions()) this.resume(entity);
    for (const entity of this.rooms.table.workflows()) this.resume(entity);
    this.rooms.leftovers.removeRead();
  }

  /** An entity is in memory that was not. */
  resume(entity: Entity): void {
    if (entity.kind === 'workflow') {
      if (isCancelling(entity.state)) this.rooms.cancelExecutions(entity.workflowId);
      if (isAtWork(entity.state) && this.context.rules.outboxRecovered) this.rooms.sendOutbox(entity);
      return;
    }
    this.rooms.armTimer(entity);
    if (!isFinished(entity.state) && !entity.quarantine) this.#takeUpUnits(entity);
  }

  /** Re-reading the log in doubt applied this event. */
  applied(event: Event, record: StoredRecord): void {
    const key = entityKey(event.workflowId, event.executionId);
    this.#touched.add(key);
    const isOwn = this.context.standing.isOwn(record.headers[eventHeaders.epoch] ?? '');
    if (event.type === 'NodeExecutionStarted' && event.data.unitId === undefined && isOwn)
      this.#landedStarts.add(startName(key, event.data.nodeId, event.data.attempt));
  }

  /** The doubt is over: what landed is acted on, what another owner changed is given up. */
  settle(): void {
    for (const key of this.#touched) {
      const entity = this.rooms.table.get(key);
      if (entity === undefined) continue;
      if (entity.kind === 'execution') this.#reconcile(entity);
      this.resume(entity);
    }
    this.rooms.leftovers.removeRead();
    this.forget();
  }

  forget(): void {
    this.rooms.leftovers.forget();
    this.#touched.clear();
    this.#landedStarts.clear();
  }

  #reconcile(entity: ExecutionEntity): void {
    const running = runningUnits(entity.state);
    this.rooms.dispatches.closeOthers(entity.key, (unitId, attempt) =>
      running.some((unit) => unit.unitId === unitId && unit.attempt === attempt),
    );
    this.rooms.executionChanged(entity);
  }

  #takeUpUnits(entity: ExecutionEntity): void {
    for (const { unitId, attempt } of runningUnits(entity.state)) {
      if (this.rooms.dispatches.isOpen(entity.key, unitId, attempt)) continue;
      const landed = this.#landedStarts.has(startName(entity.key, unitId, attempt)) ? this.#dispatchOf(entity, unitId) : undefined;
      if (landed !== undefined)
        this.rooms.dispatches.start(landed); // its start is ours and it never ran
      else this.#reportLost(entity, unitId, attempt);
    }
  }

  #dispatchOf(entity: ExecutionEntity, unitId: string): DispatchUnit | undefined {
    const { state, workflowId, executionId } = entity;
    const workflow = this.rooms.table.workflow(workflowId);
    if (workflow === undefined || state.status === 'notStarted') return undefined;
    const plan = this.context.ports.core.planOf(workflow.state, workflowId, state.version);
    return plan && dispatchOf(state, plan, { workflowId, executionId }, unitId);
  }

  #reportLost({ key, workflowId, executionId }: ExecutionEntity, unitId: string, attempt: number): void {
    const signal = { type: 'AttemptLostReported', workflowId, executionId, unitId, attempt, now: this.context.clock.now() } as const;
    this.rooms.report({ kind: 'signal', signal, entityKey: key });
  }
}

function startName(key: string, unitId: string, attempt: number): string {
  return `${key}|${unitId}|${attempt}`;
}
