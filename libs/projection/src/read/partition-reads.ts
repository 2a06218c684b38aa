import { type ExecutionEvent, type JsonObject, resultOf } from '#core';
import type { QueryRunner } from '#postgres';
import type { CommandOutcome, PartitionCounts } from '../read-model.js';

interface OutcomeColumns {
  readonly at: number;
  readonly workflowId: string | null;
  readonly result: string | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
}

/** What became of a command: stands in the row of the execution that it began, or among the outcomes. */
export async function readCommand(db: QueryRunner, commandId: string): Promise<CommandOutcome | undefined> {
  return (await startedExecution(db, commandId)) ?? (await otherOutcome(db, commandId));
}

async function startedExecution(db: QueryRunner, commandId: string): Promise<CommandOutcome | undefined> {
  const text = `select e.workflow_id as "workflowId", e.started_at as at, h.events from executions e
    join execution_events h on h.workflow_id = e.workflow_id and h.execution_id = e.execution_id and h.first_seq = 1
    where e.command_id = $1 order by e.started_at limit 1`;
  const query = { name: 'command-execution', text, values: [commandId] };
  const [row] = await db.rows<{ workflowId: string; at: number; events: string }>(query, `reading command ${commandId}`);
  if (!row) return undefined;
  const [first] = JSON.parse(row.events) as readonly ExecutionEvent[];
  const { workflowId, at } = row;
  return { commandId, status: 'applied', at, workflowId, ...(first ? { result: resultOf(first) } : {}) };
}

async function otherOutcome(db: QueryRunner, commandId: string): Promise<CommandOutcome | undefined> {
  const text = `select at, workflow_id as "workflowId", result, error_code as "errorCode", error_message as "errorMessage"
    from command_outcomes where command_id = $1 order by at limit 1`;
  const query = { name: 'command-outcome', text, values: [commandId] };
  const [row] = await db.rows<OutcomeColumns>(query, `reading command ${commandId}`);
  if (!row) return undefined;
  const workflow = row.workflowId === null ? {} : { workflowId: row.workflowId };
  if (row.errorCode === null) {
    const result = JSON.parse(row.result ?? '{}') as JsonObject;
    return { commandId, status: 'applied', at: row.at, ...workflow, result };
  }
  const error = { code: row.errorCode, message: row.errorMessage ?? '' };
  return { commandId, status: row.errorCode === 'EXPIRED' ? 'expired' : 'refused', at: row.at, ...workflow, error };
}

export async function readCounts(db: QueryRunner): Promise<ReadonlyMap<number, PartitionCounts>> {
  const text = `select partition, count(*) filter (where not deleted and (spread_of is null or spread_of = workflow_id)) as workflows, sum(execution_count)::bigint as executions,
    sum(running_count)::bigint as unfinished from workflows group by partition`;
  const rows = await db.rows<PartitionCounts & { partition: number }>({ name: 'counts', text, values: [] }, 'counting entities');
  return new Map(rows.map(({ partition, workflows, executions, unfinished }) => [partition, { workflows, executions, unfinished }]));
}

/** A projector that follows says so once a second; twice that is no lag yet. */
const silenceMs = 2_000;

/** The slowest partition, ms; Infinity while no projector has ever followed one. */
export async function readLagMs(db: QueryRunner): Promise<number> {
  const text = `select max(behind_ms + greatest(0, (extract(epoch from clock_timestamp()) * 1000)::bigint - updated_at - $1)) as lag
    from projection_offsets`;
  const [row] = await db.rows<{ lag: number | null }>({ name: 'lag', text, values: [silenceMs] }, 'reading the lag');
  return row?.lag ?? Number.POSITIVE_INFINITY;
}
