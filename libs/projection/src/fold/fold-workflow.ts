import {
  evolveWorkflow,
  initialWorkflowState,
  type JsonObject,
  resultOf,
  type WorkflowEvent,
  type WorkflowState,
  workflowStatusView,
} from '#core';
import { isShardName } from '#protocol';
import type { WorkflowRunState } from '../read-model.js';
import type { OutcomeRow, VersionRow, WorkflowRow } from '../rows.js';
import { commandIdOf, parseWorkflowEvent } from './parse-event.js';
import { sequence } from './sequence.js';
import type { EventEntry } from './sort-records.js';

/** What a batch means for one workflow. */
export interface FoldedWorkflow {
  readonly row: WorkflowRow | undefined;
  readonly versions: readonly VersionRow[];
  readonly outcomes: readonly OutcomeRow[];
  readonly duplicates: number;
  readonly hole?: { readonly offset: number; readonly reason: string };
}

/** V2 and the fold of one workflow's new events. */
export function foldWorkflow(partition: number, prior: WorkflowRow | undefined, entries: readonly EventEntry[]): FoldedWorkflow {
  if (prior?.quarantine) return { row: prior, versions: [], outcomes: [], duplicates: 0 };
  const { applied, duplicates, hole } = sequence(prior?.seq ?? 0, entries);
  const holes = hole ? { hole } : {};
  const first = applied[0];
  if (!first)
    return { row: prior && hole ? { ...prior, quarantine: hole.reason } : prior, versions: [], outcomes: [], duplicates, ...holes };
  const events = applied.map(parseWorkflowEvent);
  const row = advance(prior ?? begin(partition, first), events);
  return {
    row: hole ? { ...row, quarantine: hole.reason } : row,
    versions: events.flatMap((event) => versionOf(partition, event)),
    outcomes: applied.flatMap((entry, index) => outcomeOf(partition, entry, events[index])),
    duplicates,
    ...holes,
  };
}

function begin(partition: number, { entity, workflowId, executionId }: EventEntry): WorkflowRow {
  return {
    workflowId: entity,
    spreadOf: isShardName(executionId) ? workflowId : null,
    partition,
    seq: 0,
    deleted: false,
    name: workflowId,
    description: '',
    tags: [],
    runState: 'idle',
    version: 0,
    problemCount: 0,
    createdAt: 0,
    updatedAt: 0,
    executionCount: 0,
    runningCount: 0,
    state: initialWorkflowState,
    quarantine: null,
  };
}

function advance(prior: WorkflowRow, events: readonly WorkflowEvent[]): WorkflowRow {
  let state = prior.state;
  let row = prior;
  for (const event of events) {
    state = withoutDefinitions(evolveWorkflow(state, event), event);
    row = { ...row, ...described(event) };
  }
  return { ...row, seq: state.seq, state, ...counted(row, state) };
}

/** Definitions stand in `workflow_versions`; kept in the state they would be written again with every execution. */
function withoutDefinitions(state: WorkflowState, event: WorkflowEvent): WorkflowState {
  if (state.status === 'absent' || !isVersion(event)) return state;
  const versions = state.versions.map((version) => ({ ...version, definition: {} }));
  if (state.outbox === undefined) return { ...state, versions };
  return {
    ...state,
    versions,
    outbox: state.outbox.map((message) => ('definition' in message ? { ...message, definition: {} } : message)),
  };
}

function isVersion({ type }: WorkflowEvent): boolean {
  return type === 'WorkflowCreated' || type === 'WorkflowUpdated' || type === 'ShardPlaced';
}

function described(event: WorkflowEvent): Partial<WorkflowRow> {
  if (event.type === 'WorkflowDeleted' || event.type === 'ShardClosed') return { deleted: true, updatedAt: event.at };
  if (event.type === 'ShardPlaced') {
    const { version, problemCount } = event.data;
    return { deleted: false, version, problemCount, updatedAt: event.at };
  }
  if (event.type !== 'WorkflowCreated' && event.type !== 'WorkflowUpdated') return {};
  const { definition, version, problemCount } = event.data;
  return {
    deleted: false,
    name: textOf(definition, 'name') ?? event.workflowId,
    description: textOf(definition, 'description') ?? '',
    tags: tagsOf(definition),
    version,
    problemCount,
    updatedAt: event.at,
    ...(event.type === 'WorkflowCreated' ? { createdAt: event.at } : {}),
    ...(event.type === 'WorkflowCreated' && event.data.sharding !== undefined ? { spreadOf: event.workflowId } : {}),
  };
}

function counted(row: WorkflowRow, state: WorkflowState): Partial<WorkflowRow> {
  if (state.status === 'absent') return {};
  if (state.status === 'deleted') return { runningCount: state.runningCount };
  const { executionCount, runningCount } = state;
  return { executionCount, runningCount, runState: runStateOf(row.workflowId, state) };
}

function runStateOf(workflowId: string, state: WorkflowState): WorkflowRunState {
  return workflowStatusView(workflowId, state).state as WorkflowRunState; // the core's closed list
}

function textOf(definition: JsonObject, key: string): string | undefined {
  const value = definition[key];
  return typeof value === 'string' ? value : undefined;
}

function tagsOf({ tags }: JsonObject): readonly string[] {
  return Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === 'string') : [];
}

function versionOf(partition: number, event: WorkflowEvent): readonly VersionRow[] {
  if (event.type !== 'WorkflowCreated' && event.type !== 'WorkflowUpdated') return [];
  const { definition, version, problemCount, problems = [] } = event.data;
  const { workflowId, at } = event;
  return [{ workflowId, version, partition, problemCount, createdAt: at, definition: JSON.stringify(definition), problems }];
}

/** The first event of an execute is its execution's; what stands here are answers to commands about the workflow. */
function outcomeOf(partition: number, entry: EventEntry, event: WorkflowEvent | undefined): readonly OutcomeRow[] {
  const commandId = commandIdOf(entry);
  if (commandId === undefined || event === undefined || isShardName(entry.executionId)) return []; // a shard's commands are the engines' own
  const { workflowId, at } = event;
  return [{ commandId, partition, at, workflowId, result: JSON.stringify(resultOf(event)), errorCode: null, errorMessage: null }];
}
