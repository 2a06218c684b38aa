import type { ExecutionState } from '#core';
import type { QueryRunner } from '#postgres';
import type { HistoryExecution, HistoryStatus, Timeline } from '../read-model.js';
import { newestExecutionIds, readStates } from './execution-reads.js';
import { historyView, progressOf, timelineView } from './history-view.js';
import { readWorkflow } from './workflow-reads.js';

/** Executions that `/api/history` shows, at most. */
const shown = 100;

interface Shown {
  readonly view: HistoryExecution;
  readonly state: ExecutionState;
}

/** The newest executions, oldest first; undefined for an unknown workflow. */
export async function readHistory(
  db: QueryRunner,
  workflowId: string,
): Promise<{ workflowId: string; executions: readonly HistoryExecution[] } | undefined> {
  const [workflow, executions] = await Promise.all([readWorkflow(db, workflowId), newest(db, workflowId)]);
  return workflow && { workflowId, executions: executions.map((one) => one.view) };
}

export async function readHistoryStatus(db: QueryRunner, workflowId: string): Promise<HistoryStatus | undefined> {
  const [workflow, executions] = await Promise.all([readWorkflow(db, workflowId), newest(db, workflowId)]);
  if (!workflow) return undefined;
  const current = executions.filter(({ view }) => view.endTime === null).at(-1);
  return {
    workflowId,
    state: workflow.state,
    currentExecution: current ? { ...current.view, ...progressOf(current.view, current.state) } : null,
    allExecutions: executions.map((one) => one.view),
  };
}

export async function readHistoryExecution(
  db: QueryRunner,
  workflowId: string,
  executionId: string,
): Promise<HistoryExecution | undefined> {
  const state = (await readStates(db, workflowId, [executionId])).get(executionId);
  return state && historyView(executionId, state);
}

/** Of the newest execution where none is named. */
export async function readTimeline(db: QueryRunner, workflowId: string, executionId?: string): Promise<Timeline | undefined> {
  const id = executionId ?? (await newestExecutionIds(db, workflowId, 1))[0];
  const view = id === undefined ? undefined : await readHistoryExecution(db, workflowId, id);
  return view && timelineView(view);
}

async function newest(db: QueryRunner, workflowId: string): Promise<readonly Shown[]> {
  const ids = await newestExecutionIds(db, workflowId, shown);
  const states = ids.length === 0 ? new Map<string, ExecutionState>() : await readStates(db, workflowId, ids);
  const executions = ids.flatMap((id) => {
    const state = states.get(id);
    const view = state && historyView(id, state);
    return state && view ? [{ view, state }] : [];
  });
  return executions.reverse();
}
