import { type ExecutionEvent, type ExecutionState, evolveExecution, executionStatusOf, initialExecutionState, resultOf } from '#core';
import type { ExecutionRunStatus } from '../read-model.js';
import type { ExecutionEventsRow, ExecutionRow, KnownExecution, OutcomeRow } from '../rows.js';
import { joinEvents } from './join-events.js';
import { oldestWait } from './oldest-wait.js';
import { commandIdOf, parseExecutionEvent } from './parse-event.js';
import { sequence } from './sequence.js';
import type { EventEntry } from './sort-records.js';

/** What a batch means for one execution. */
export interface FoldedExecution {
  readonly known: KnownExecution | undefined;
  readonly events: ExecutionEventsRow | undefined;
  readonly outcomes: readonly OutcomeRow[];
  readonly duplicates: number;
  readonly hole?: { readonly offset: number; readonly reason: string };
}

const notWaiting = { waitingKind: null, waitingSince: null } as const;

const terminal: Readonly<Record<string, ExecutionRunStatus>> = {
  WorkflowCompleted: 'completed',
  WorkflowFailed: 'failed',
  WorkflowCancelled: 'cancelled',
};

/** True where the last of these events ends the execution: then its state need not be known. */
export function endsWith(entries: readonly EventEntry[]): boolean {
  return terminal[entries.at(-1)?.type ?? ''] !== undefined;
}

/** V2 and the fold of one execution's new events. `prior` is absent for one that nobody has seen. */
export function foldExecution(partition: number, prior: KnownExecution | undefined, entries: readonly EventEntry[]): FoldedExecution {
  if (prior?.row.quarantine) return { known: prior, events: undefined, outcomes: [], duplicates: 0 };
  const { applied, duplicates, hole } = sequence(prior?.row.seq ?? 0, entries);
  const started = prior ?? begin(partition, applied[0]);
  if (!started) return { known: undefined, events: undefined, outcomes: [], duplicates, ...(hole ? { hole } : {}) };
  const moved = applied.length > 0 ? advance(started, applied) : started;
  const known = hole ? { ...moved, row: { ...moved.row, quarantine: hole.reason } } : moved;
  return {
    known,
    events: applied.length > 0 ? eventsRow(known.row, applied) : undefined,
    outcomes: outcomesOf(partition, applied),
    duplicates,
    ...(hole ? { hole } : {}),
  };
}

/** The row before its first event is applied; undefined where the execution does not begin here. */
function begin(partition: number, first: EventEntry | undefined): KnownExecution | undefined {
  if (first?.type !== 'WorkflowStarted') return undefined;
  const event = parseExecutionEvent(first);
  if (event.type !== 'WorkflowStarted') return undefined;
  const row: ExecutionRow = {
    workflowId: event.workflowId,
    executionId: event.executionId,
    partition,
    seq: 0,
    status: 'running',
    version: event.data.version,
    workflowName: event.data.workflowName,
    startedAt: event.at,
    endedAt: null,
    lastEventAt: event.at,
    commandId: commandIdOf(first) ?? null,
    ...notWaiting,
    quarantine: null,
  };
  return { row, state: initialExecutionState };
}

function advance(prior: KnownExecution, applied: readonly EventEntry[]): KnownExecution {
  const last = applied[applied.length - 1];
  const outcome = last && terminal[last.type];
  if (last && outcome) {
    const { at } = parseExecutionEvent(last);
    const ended = { seq: last.seq, status: outcome, endedAt: at, lastEventAt: at, ...notWaiting };
    return { row: { ...prior.row, ...ended }, state: undefined };
  }
  const state = evolveAll(prior.state ?? initialExecutionState, applied.map(parseExecutionEvent));
  const wait = oldestWait(state);
  const waiting = wait === undefined ? notWaiting : { waitingKind: wait.kind, waitingSince: wait.since };
  const open = { seq: state.seq, status: executionStatusOf(state), endedAt: null, lastEventAt: state.lastAt, ...waiting };
  return { row: { ...prior.row, ...open }, state };
}

export function evolveAll(state: ExecutionState, events: readonly ExecutionEvent[]): ExecutionState {
  return events.reduce(evolveExecution, state);
}

function eventsRow(row: ExecutionRow, applied: readonly EventEntry[]): ExecutionEventsRow {
  const { workflowId, executionId, partition, seq } = row;
  return { workflowId, executionId, partition, firstSeq: seq - applied.length + 1, lastSeq: seq, events: joinEvents(applied) };
}

/** Commands that this execution answered. The one that began it is named by its row instead. */
function outcomesOf(partition: number, applied: readonly EventEntry[]): readonly OutcomeRow[] {
  const answered = applied.filter((entry) => entry.type !== 'WorkflowStarted' && commandIdOf(entry) !== undefined);
  return answered.map((entry) => outcomeOf(partition, entry));
}

function outcomeOf(partition: number, entry: EventEntry): OutcomeRow {
  const event = parseExecutionEvent(entry);
  return {
    commandId: commandIdOf(entry) ?? '',
    partition,
    at: event.at,
    workflowId: event.workflowId,
    result: JSON.stringify(resultOf(event)),
    errorCode: null,
    errorMessage: null,
  };
}
