import type { EvolveWorkflow } from '../core-api.js';
import type { WorkflowEventBody } from '../events.js';
import { assertNever, type EpochMs } from '../json.js';
import { placing, spreadOf, withMessage, withoutSent } from './evolve-spread.js';
import {
  type ActiveWorkflow,
  type DeletedWorkflow,
  type ExecutionSummary,
  maxKeptVersions,
  maxRecentUnfinished,
  type WorkflowState,
  type WorkflowVersion,
} from './workflow-state.js';

type DataOf<Type extends WorkflowEventBody['type']> = Extract<WorkflowEventBody, { type: Type }>['data'];
type Running = Readonly<Record<string, number>>;

/** Applies one fact. Total: a fact that does not fit the state moves only `seq` and `lastAt` (V3). */
export const evolveWorkflow: EvolveWorkflow = (state, event) => {
  const head = { seq: event.seq, lastAt: event.at };
  switch (event.type) {
    case 'WorkflowCreated':
      return { ...withMessage(created(state, event.data, event.at), placing(event.data, event.seq, true)), ...head };
    case 'WorkflowUpdated':
      if (state.status !== 'active') return { ...state, ...head };
      return { ...withMessage(updated(state, event.data, event.at), placing(event.data, event.seq, false)), ...head };
    case 'WorkflowDeleted':
      if (state.status !== 'active') return { ...state, ...head };
      return { ...withMessage(deleted(state, event.data), { type: 'CloseShard', revision: event.seq, force: event.data.force }), ...head };
    case 'OutboxSent':
      return state.status === 'absent' ? { ...state, ...head } : { ...withoutSent(state, event.data.revision), ...head };
    case 'ShardPlaced':
      return { ...shardPlaced(state, event.data, event.at), revision: event.data.revision, ...head };
    case 'ShardClosed':
      if (state.status === 'absent') return { ...state, ...head };
      return { ...(state.status === 'active' ? deleted(state, event.data) : state), revision: event.data.revision, ...head };
    case 'ExecutionOpened':
      return state.status === 'active' ? { ...opened(state, event.data, event.at), ...head } : { ...state, ...head };
    case 'ExecutionClosed':
      return { ...closed(state, event.data, event.at), ...head };
    default:
      return assertNever(event);
  }
};

/** A shard begins like its workflow, and takes new versions like it. */
function shardPlaced(state: WorkflowState, data: DataOf<'ShardPlaced'>, at: EpochMs): ActiveWorkflow {
  return state.status === 'active' && !data.begins ? updated(state, data, at) : created(state, data, at);
}

function created(state: WorkflowState, data: DataOf<'WorkflowCreated'>, at: EpochMs): ActiveWorkflow {
  const past = state.status === 'absent' ? undefined : state;
  const runningByVersion = past?.runningByVersion ?? {};
  const inUse = (past?.versions ?? []).filter((version) => isRunning(runningByVersion, version.version));
  return {
    status: 'active',
    createdAt: at,
    updatedAt: at,
    versions: [...inUse, versionOf(data, at)],
    lastVersion: data.version,
    executionCount: 0,
    runningCount: past?.runningCount ?? 0, // those of the workflow's earlier life that are still being cancelled
    runningByVersion,
    recentUnfinished: [],
    lastExecution: null,
    ...spreadOf(past),
    ...(data.sharding === undefined ? {} : { sharding: data.sharding }),
  };
}

function versionOf(data: DataOf<'WorkflowCreated'>, at: EpochMs): WorkflowVersion {
  return { version: data.version, definition: data.definition, problemCount: data.problemCount, createdAt: at };
}

function updated(state: ActiveWorkflow, data: DataOf<'WorkflowUpdated'>, at: EpochMs): ActiveWorkflow {
  const versions = keepVersions([...state.versions, versionOf(data, at)], state.runningByVersion);
  return { ...state, updatedAt: at, versions, lastVersion: data.version };
}

function isRunning(running: Running, version: number): boolean {
  return (running[String(version)] ?? 0) > 0;
}

/** The newest ones and those that a running execution needs. */
function keepVersions(versions: readonly WorkflowVersion[], running: Running): readonly WorkflowVersion[] {
  const surplus = versions.length - maxKeptVersions;
  if (surplus <= 0) return versions;
  return versions.filter((version, index) => index >= surplus || isRunning(running, version.version));
}

function deleted(state: ActiveWorkflow, data: { readonly force: boolean }): DeletedWorkflow {
  const { runningCount, runningByVersion, lastVersion } = state;
  const versions = state.versions.filter((version) => isRunning(runningByVersion, version.version));
  return { status: 'deleted', runningCount, runningByVersion, lastVersion, cancelRunning: data.force, versions, ...spreadOf(state) };
}

function opened(state: ActiveWorkflow, data: DataOf<'ExecutionOpened'>, at: EpochMs): ActiveWorkflow {
  const summary: ExecutionSummary = { executionId: data.executionId, status: 'running', startTime: at, endTime: null };
  return {
    ...state,
    executionCount: state.executionCount + 1,
    runningCount: state.runningCount + 1,
    runningByVersion: counted(state.runningByVersion, data.version, 1),
    recentUnfinished: [...state.recentUnfinished.slice(1 - maxRecentUnfinished), summary],
  };
}

function counted(running: Running, version: number, change: number): Running {
  const key = String(version);
  const count = (running[key] ?? 0) + change;
  if (count > 0) return { ...running, [key]: count };
  const { [key]: _, ...others } = running;
  return others;
}

function closed(state: WorkflowState, data: DataOf<'ExecutionClosed'>, at: EpochMs): WorkflowState {
  if (state.status === 'absent') return state;
  const runningCount = Math.max(0, state.runningCount - 1);
  const runningByVersion = counted(state.runningByVersion, data.version, -1);
  if (state.status === 'deleted') {
    return { ...state, runningCount, runningByVersion, versions: state.versions.filter((v) => isRunning(runningByVersion, v.version)) };
  }
  const summary: ExecutionSummary = { executionId: data.executionId, status: data.status, startTime: data.startedAt, endTime: at };
  const isOfEarlierLife = data.startedAt < state.createdAt;
  return {
    ...state,
    runningCount,
    runningByVersion,
    versions: keepVersions(state.versions, runningByVersion),
    recentUnfinished: state.recentUnfinished.filter((summary) => summary.executionId !== data.executionId),
    lastExecution: isOfEarlierLife ? state.lastExecution : summary,
  };
}
