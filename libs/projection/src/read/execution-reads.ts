import { type Event, type ExecutionEvent, type ExecutionState, initialExecutionState } from '#core';
import { type QueryRunner, textArray } from '#postgres';
import { evolveAll } from '../fold/fold-execution.js';
import type { ExecutionItem, ExecutionQuery, Page } from '../read-model.js';
import { Conditions, pageOf } from './conditions.js';
import { decodeCursor, encodeCursor } from './cursor.js';

const columns = `e.workflow_id as "workflowId", e.execution_id as "executionId", e.workflow_name as "workflowName", e.version, e.status,
  e.started_at as "startTime", e.ended_at as "endTime",
  (select count(*) from execution_logs l where l.workflow_id = e.workflow_id and l.execution_id = e.execution_id) as "logsCount"`;

/** Newest first. */
export async function readExecutions(db: QueryRunner, query: ExecutionQuery): Promise<Page<ExecutionItem>> {
  const conditions = new Conditions();
  if (query.workflowId !== undefined) conditions.add('e.workflow_id = ?', query.workflowId);
  if (query.status !== undefined) conditions.add('e.status = ?', query.status);
  if (query.status !== undefined && query.status !== 'completed') conditions.add(`e.status <> 'completed'`); // the small index
  if (query.cursor !== undefined) addCursor(conditions, query.cursor, query.workflowId);
  const order = query.workflowId === undefined ? 'e.workflow_id desc, ' : '';
  const text = `select ${columns} from executions e ${conditions.where}
    order by e.started_at desc, ${order}e.execution_id desc limit ${conditions.parameter(query.limit + 1)}`;
  const rows = await db.rows<ExecutionItem>({ text, values: conditions.values }, 'listing executions');
  const cursorOf = (row: ExecutionItem) => encodeCursor([row.startTime, row.workflowId, row.executionId]);
  return pageOf(rows, query.limit, (row) => row, cursorOf);
}

function addCursor(conditions: Conditions, cursor: string, workflowId: string | undefined): void {
  const [startTime, ofWorkflow, executionId] = decodeCursor(cursor, 'nss');
  if (workflowId === undefined)
    conditions.add('(e.started_at, e.workflow_id, e.execution_id) < (?, ?, ?)', startTime, ofWorkflow, executionId);
  else conditions.add('(e.started_at, e.execution_id) < (?, ?)', startTime, executionId);
}

/** In seq order, those with `seq > afterSeq`, at most `limit`. */
export async function readEvents(
  db: QueryRunner,
  execution: { readonly workflowId: string; readonly executionId: string },
  afterSeq: number,
  limit: number,
): Promise<readonly Event[]> {
  const { workflowId, executionId } = execution;
  const text = `select events from execution_events where workflow_id = $1 and execution_id = $2 and last_seq > $3
    order by first_seq limit $4`;
  const query = { name: 'events', text, values: [workflowId, executionId, afterSeq, limit] };
  const rows = await db.rows<{ events: string }>(query, `reading the events of ${workflowId}/${executionId}`);
  const events = rows.flatMap((row) => JSON.parse(row.events) as readonly Event[]);
  return events.filter((event) => event.seq > afterSeq).slice(0, limit);
}

/** The state that the stored events add up to, by execution id; unknown ones are absent. */
export async function readStates(
  db: QueryRunner,
  workflowId: string,
  executionIds: readonly string[],
): Promise<ReadonlyMap<string, ExecutionState>> {
  const text = `select execution_id as "executionId", events from execution_events
    where workflow_id = $1 and execution_id = any($2::text[]) order by execution_id, first_seq`;
  const query = { name: 'states', text, values: [workflowId, textArray(executionIds)] };
  const rows = await db.rows<{ executionId: string; events: string }>(query, `reading executions of ${workflowId}`);
  const states = new Map<string, ExecutionState>();
  for (const { executionId, events } of rows) {
    const state = states.get(executionId) ?? initialExecutionState;
    states.set(executionId, evolveAll(state, JSON.parse(events) as readonly ExecutionEvent[]));
  }
  return states;
}

/** Ids of a workflow's executions, newest first. */
export async function newestExecutionIds(db: QueryRunner, workflowId: string, limit: number): Promise<readonly string[]> {
  const text = `select execution_id as "executionId" from executions where workflow_id = $1
    order by started_at desc, execution_id desc limit $2`;
  const query = { name: 'newest-executions', text, values: [workflowId, limit] };
  const rows = await db.rows<{ executionId: string }>(query, `reading the newest executions of ${workflowId}`);
  return rows.map((row) => row.executionId);
}
