import { type EpochMs, type ExecutionState, isFinished, runningUnits, type WorkflowState, wakeAt } from '#core';
import type { Cause } from '#protocol';
import type { Snapshot } from '../ports/snapshot-store.js';

/** V2: why an entity is not to be touched, and at which offset it was found. */
export interface Quarantine {
  readonly reason: string;
  readonly offset: number;
}

interface EntityHead {
  /** `entityKey()` of the protocol. */
  readonly key: string;
  readonly workflowId: string;
  /** Last seq known to be in the store; 0 = none. */
  savedSeq: number;
  /** When an input or a query last needed it. */
  usedAt: EpochMs;
  quarantine: Quarantine | undefined;
}

export interface WorkflowEntity extends EntityHead {
  readonly kind: 'workflow';
  /** Confirmed state only. */
  state: WorkflowState;
}

export interface ExecutionEntity extends EntityHead {
  readonly kind: 'execution';
  readonly executionId: string;
  /** Confirmed state only. */
  state: ExecutionState;
  /** The command that started it, for dedupe. */
  origin: Cause | undefined;
}

/** A workflow or an execution in memory. */
export type Entity = WorkflowEntity | ExecutionEntity;

/** Whether a deleted workflow still has executions to cancel. */
export function isCancelling(state: WorkflowState): boolean {
  return state.status === 'deleted' && state.cancelRunning && state.runningCount > 0;
}

/** Whether a workflow has something to do of itself: then its next owner must have it in memory. */
export function isAtWork(state: WorkflowState): boolean {
  return isCancelling(state) || (state.status !== 'absent' && state.outbox !== undefined);
}

/** What the store keeps of it. */
export function snapshotOf(entity: Entity): Snapshot {
  const quarantine = entity.quarantine === undefined ? {} : { quarantine: entity.quarantine };
  const head = { key: entity.key, seq: entity.state.seq, ...quarantine };
  if (entity.kind === 'workflow') {
    const wake = isAtWork(entity.state) ? { wakeAt: 0 } : {};
    return { ...head, kind: 'workflow', state: entity.state, finished: false, ...wake };
  }
  const { state } = entity;
  const origin = entity.origin === undefined ? {} : { origin: entity.origin };
  return { ...head, kind: 'execution', state, finished: isFinished(state), ...origin, ...storedWakeAt(state) };
}

function storedWakeAt(state: ExecutionState): { wakeAt?: EpochMs } {
  if (isFinished(state)) return {};
  if (runningUnits(state).length > 0) return { wakeAt: 0 };
  const due = wakeAt(state);
  return due === undefined ? {} : { wakeAt: due };
}
