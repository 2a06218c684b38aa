import type { ExecutionState, OpenExecution } from '#core';
import type { Checkpoint, DecidedCommand, Snapshot, SnapshotBatch } from '#runtime';

const openState: OpenExecution & { readonly seq: number; readonly lastAt: number } = {
  seq: 3,
  lastAt: 1000,
  status: 'running',
  version: 1,
  workflowName: 'sample',
  totalNodes: 1,
  input: { n: 1, text: 'ß' },
  startedAt: 1000,
  nodes: { a: { status: 'running', nodeType: 'test.step', attempt: 1, startedAt: 1000, lostCount: 0, failedCount: 0 } },
  openNodes: 1,
  pendingSignals: [],
};

/** An execution's snapshot; the defaults are an unfinished one with nothing to wake. */
export function executionSnapshot(
  key: string,
  seq: number,
  extra: Partial<Pick<Snapshot, 'wakeAt' | 'origin' | 'quarantine'>> = {},
): Snapshot {
  return { kind: 'execution', key, seq, finished: false, state: { ...openState, seq }, ...extra };
}

export function finishedSnapshot(key: string, seq: number): Snapshot {
  const state: ExecutionState = { ...openState, seq, status: 'finished', outcome: 'completed', endedAt: 2000 };
  return { kind: 'execution', key, seq, finished: true, state };
}

export function workflowSnapshot(key: string, seq: number): Snapshot {
  return { kind: 'workflow', key, seq, finished: false, state: { status: 'absent', seq, lastAt: 1000 } };
}

export function checkpointAt(offset: number, commandOffset = offset, decidedAbove: readonly number[] = []): Checkpoint {
  const known = { epochAtOffset: '0.first', coveredEpoch: '0.first', commandTime: 1_764_000_000_000 + commandOffset };
  return { offset, commandOffset, decidedAbove, coveredTo: offset + 3, ...known };
}

export function accepted(commandId: string, at = 1000): DecidedCommand {
  return { commandId, commandHash: `hash of ${commandId}`, at, answer: { ok: true, result: { workflowId: 'w' } } };
}

export function refused(commandId: string, at = 1000): DecidedCommand {
  return { commandId, commandHash: `hash of ${commandId}`, at, answer: { ok: false, code: 'WORKFLOW_EXISTS', message: 'there already' } };
}

/** A batch with nothing in it but what is given. */
export function batchOf(part: Partial<SnapshotBatch> & Pick<SnapshotBatch, 'checkpoint'>): SnapshotBatch {
  return { snapshots: [], decided: [], forgetBefore: 0, ...part };
}
