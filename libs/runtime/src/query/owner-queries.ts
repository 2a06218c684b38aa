import { type ExecutionState, executionView, isFinished, type JsonObject, type WorkflowState, workflowStatusView } from '#core';
import { entityKey, type OwnerAnswer, type OwnerQuery, partitionOf } from '#protocol';
import type { PartitionContext } from '../control/context.js';
import type { Entity, ExecutionEntity } from '../entities/entity.js';
import { ResultWaiters } from './result-waiters.js';

export interface QueryRooms {
  /** The entity in memory, loaded where it was not; undefined when it could not be loaded in time, or the partition is given up. */
  entity(key: string): Promise<Entity | undefined>;
}

/** Interactive queries from confirmed state (L8). */
export class OwnerQueries {
  readonly waiters: ResultWaiters;

  constructor(
    readonly context: PartitionContext,
    readonly rooms: QueryRooms,
  ) {
    this.waiters = new ResultWaiters(context.clock);
  }

  async answer(query: OwnerQuery): Promise<OwnerAnswer> {
    if (query.kind !== 'result') return this.#answerNow(query);
    const refusal = this.#refusal() ?? (await this.#confirmFresh());
    if (refusal) return refusal;
    const key = entityKey(query.workflowId, query.executionId);
    const entity = await this.rooms.entity(key);
    const isOpen = entity?.kind === 'execution' && entity.state.seq > 0 && !isFinished(entity.state) && !entity.quarantine;
    if (isOpen && (await this.waiters.wait(key, query.waitMs)) === 'full')
      return unavailable('RESOURCE_EXHAUSTED', 'too many callers wait for results of this partition');
    return this.#answerNow(query);
  }

  /** Whoever waits for this execution hears that it has ended. */
  changed(entity: ExecutionEntity): void {
    if (isFinished(entity.state)) this.waiters.ended(entity.key);
  }

  /** Nobody waits any longer: the partition is given up or halted. */
  stop(): void {
    this.waiters.endAll();
  }

  async #answerNow(query: OwnerQuery): Promise<OwnerAnswer> {
    const refusal = this.#refusal() ?? (await this.#confirmFresh());
    if (refusal) return refusal;
    const workflow = await this.rooms.entity(query.workflowId);
    const entity = 'executionId' in query ? await this.rooms.entity(entityKey(query.workflowId, query.executionId)) : workflow;
    const late = this.#refusal() ?? (await this.#confirmFresh()); // loading may have taken its time
    if (late) return late;
    if (workflow === undefined || entity === undefined)
      return unavailable('LOADING', this.context.standing.reason ?? 'loading takes too long');
    return this.#view(query, workflow, entity);
  }

  async #view(query: OwnerQuery, workflow: Entity, entity: Entity): Promise<OwnerAnswer> {
    const quarantine = entity.quarantine ?? workflow.quarantine;
    if (quarantine) return unavailable('QUARANTINED', `quarantined at offset ${quarantine.offset}: ${quarantine.reason}`);
    const elsewhere = this.#elsewhere(query, workflow);
    if (elsewhere !== undefined) return elsewhere;
    const view = this.#viewOf(query, workflow, entity);
    if (view === undefined) return (await this.#confirm()) ?? this.#refusal() ?? this.#again(query, workflow, entity);
    return this.#found(view);
  }

  /** Spread executions are known where they live; a partition that was asked on a guess, and has no shard, sends home. Neither ever changes back. */
  #elsewhere(query: OwnerQuery, local: Entity): OwnerAnswer | undefined {
    if (!('executionId' in query) || local.kind !== 'workflow') return undefined;
    const { partition: here, settings } = this.context;
    const { state } = local;
    if (state.status !== 'absent' && state.sharding === undefined) return undefined;
    const isKnown = state.status !== 'absent';
    const partition = partitionOf(isKnown ? query.executionId : query.workflowId, settings.partitions);
    return partition === here || query.routed ? undefined : { status: 'elsewhere', partition, isHome: !isKnown };
  }

  /** L8: "not found" is said only after a confirmation, and only if it still holds then. */
  #again(query: OwnerQuery, workflow: Entity, entity: Entity): OwnerAnswer {
    const view = this.#viewOf(query, workflow, entity);
    return view === undefined ? { status: 'notFound' } : this.#found(view);
  }

  #found(view: JsonObject): OwnerAnswer {
    return { status: 'found', view, instance: this.context.settings.instanceId, epoch: this.context.standing.epoch };
  }

  #viewOf(query: OwnerQuery, workflow: Entity, entity: Entity): JsonObject | undefined {
    const { workflowId } = query;
    if (workflow.kind !== 'workflow') return undefined;
    switch (query.kind) {
      case 'workflow':
        return workflowView(workflowId, workflow.state);
      case 'workflowStatus':
        return workflow.state.status === 'active' ? workflowStatusView(workflowId, workflow.state) : undefined;
      default:
        return entity.kind === 'execution' ? this.#executionView(workflow.state, entity.state, query) : undefined;
    }
  }

  #executionView(workflow: WorkflowState, state: ExecutionState, ids: { workflowId: string; executionId: string }): JsonObject | undefined {
    if (state.status === 'notStarted') return undefined;
    const plan = this.context.ports.core.planOf(workflow, ids.workflowId, state.version);
    return executionView(ids.workflowId, ids.executionId, state, plan);
  }

  #refusal(): OwnerAnswer | undefined {
    const { phase, reason = 'it is not ready' } = this.context.standing;
    switch (phase) {
      case 'active':
        return undefined;
      case 'stopped':
        return { status: 'notOwner' };
      case 'recovering':
        return unavailable('RECOVERING', reason);
      case 'inDoubt':
        return unavailable('IN_DOUBT', reason);
      case 'halted':
        return unavailable('HALTED', reason);
    }
  }

  async #confirmFresh(): Promise<OwnerAnswer | undefined> {
    const { rules, standing, settings } = this.context;
    return !rules.confirmBeforeQuery || standing.isFresh(settings.freshForMs) ? undefined : this.#confirm();
  }

  /** Undefined when the group confirms, now, that the partition is held here. */
  async #confirm(): Promise<OwnerAnswer | undefined> {
    const { ports, partition, standing, clock, rules } = this.context;
    if (!rules.confirmBeforeQuery) return undefined;
    const askedAt = clock.monotonic();
    const answer = await ports.membership.confirm(partition);
    if (answer === 'notOwner') return { status: 'notOwner' };
    if (answer === 'unknown') return unavailable('OWNERSHIP_UNCONFIRMED', 'the group coordinator cannot be asked now');
    standing.confirmedAt = Math.max(standing.confirmedAt, askedAt);
    return undefined;
  }
}

function unavailable(code: string, reason: string): OwnerAnswer {
  return { status: 'unavailable', code, reason };
}

/** The newest version as given, with its problems counted. */
function workflowView(workflowId: string, state: WorkflowState): JsonObject | undefined {
  if (state.status !== 'active') return undefined;
  const newest = state.versions.at(-1);
  if (newest === undefined) return undefined;
  const { version, definition, problemCount } = newest;
  return { workflowId, version, definition, problemCount, createdAt: state.createdAt, updatedAt: state.updatedAt };
}
