import { type JsonObject, type Problem, sumStatus, type WorkflowState, workflowStatusView } from '#core';
import type { QueryRunner } from '#postgres';
import type { Page, VersionItem, WorkflowItem, WorkflowQuery } from '../read-model.js';
import { Conditions, pageOf } from './conditions.js';
import { decodeCursor, encodeCursor } from './cursor.js';

const columns = `w.workflow_id as "workflowId", w.partition, w.name, w.description, w.tags, coalesce(s.state, w.run_state) as state, w.version,
  w.problem_count as "problemCount", w.created_at as "createdAt", w.updated_at as "updatedAt",
  coalesce(s.executions, w.execution_count) as "executionCount", coalesce(s.running, w.running_count) as "runningCount"`;
/** Of spread executions: what home and shards count, added up as `sumStatus` of the core does. No row for other workflows. */
const withShards = `left join lateral (
    select sum(one.execution_count)::bigint as executions, sum(one.running_count)::bigint as running,
      case when sum(one.running_count) > 0 then 'running' when w.run_state = 'draft' then 'draft' else
        (array_agg(one.run_state order by (one.state::json->'lastExecution'->>'endTime')::bigint desc nulls last))[1] end as state
    from workflows one where one.spread_of = w.workflow_id having count(*) > 0) s on true`;
const isNoShard = '(w.spread_of is null or w.spread_of = w.workflow_id)';
const withDefinition = 'left join workflow_versions v on v.workflow_id = w.workflow_id and v.version = w.version';

type WorkflowColumns = Omit<WorkflowItem, 'definition'> & { readonly definition?: string };
type VersionColumns = Omit<VersionItem, 'definition' | 'problems'> & { readonly definition: string; readonly problems: string };

/** Newest first. */
export async function readWorkflows(db: QueryRunner, query: WorkflowQuery): Promise<Page<WorkflowItem>> {
  const conditions = new Conditions().add('not w.deleted').add(isNoShard);
  if (query.tag !== undefined) conditions.add('? = any(w.tags)', query.tag);
  if (query.state !== undefined) conditions.add('coalesce(s.state, w.run_state) = ?', query.state);
  if (query.q !== undefined) {
    const pattern = `%${query.q.replace(/[\\%_]/g, '\\$&')}%`;
    conditions.add('(w.workflow_id ilike ? or w.name ilike ? or w.description ilike ?)', pattern, pattern, pattern);
  }
  if (query.cursor !== undefined) conditions.add('(w.created_at, w.workflow_id) < (?, ?)', ...decodeCursor(query.cursor, 'ns'));
  const text = `select ${columns}${query.summary ? '' : ', v.definition'} from workflows w ${withShards} ${query.summary ? '' : withDefinition}
    ${conditions.where} order by w.created_at desc, w.workflow_id desc limit ${conditions.parameter(query.limit + 1)}`;
  const rows = await db.rows<WorkflowColumns>({ text, values: conditions.values }, 'listing workflows');
  return pageOf(rows, query.limit, toWorkflow, (row) => encodeCursor([row.createdAt, row.workflowId]));
}

export async function readWorkflow(db: QueryRunner, workflowId: string): Promise<WorkflowItem | undefined> {
  const text = `select ${columns}, v.definition from workflows w ${withShards} ${withDefinition} where w.workflow_id = $1 and not w.deleted`;
  const [row] = await db.rows<WorkflowColumns>({ name: 'workflow', text, values: [workflowId] }, `reading workflow ${workflowId}`);
  return row && toWorkflow(row);
}

export async function readWorkflowStatus(db: QueryRunner, workflowId: string): Promise<JsonObject | undefined> {
  const text = `select workflow_id = $1 as "isHome", state from workflows where (workflow_id = $1 or spread_of = $1) and not deleted`;
  const query = { name: 'workflow-state', text, values: [workflowId] };
  const rows = await db.rows<{ isHome: boolean; state: string }>(query, `reading the state of workflow ${workflowId}`);
  const views = (isHome: boolean) =>
    rows.filter((row) => row.isHome === isHome).map(({ state }) => workflowStatusView(workflowId, JSON.parse(state) as WorkflowState));
  const [home] = views(true);
  const shards = views(false);
  return home === undefined || shards.length === 0 ? home : sumStatus(home, shards);
}

/** Oldest first; empty for an unknown workflow. */
export async function readVersions(db: QueryRunner, workflowId: string, version?: number): Promise<readonly VersionItem[]> {
  const conditions = new Conditions().add('w.workflow_id = ?', workflowId).add('not w.deleted');
  if (version !== undefined) conditions.add('v.version = ?', version);
  const text = `select v.version, v.problem_count as "problemCount", v.created_at as "createdAt", v.definition, v.problems
    from workflows w join workflow_versions v using (workflow_id) ${conditions.where} order by v.version`;
  const rows = await db.rows<VersionColumns>({ text, values: conditions.values }, `reading versions of workflow ${workflowId}`);
  return rows.map((row) => ({
    ...row,
    definition: JSON.parse(row.definition) as JsonObject,
    problems: JSON.parse(row.problems) as readonly Problem[],
  }));
}

function toWorkflow({ definition, ...row }: WorkflowColumns): WorkflowItem {
  return definition === undefined || definition === null ? row : { ...row, definition: JSON.parse(definition) as JsonObject };
}
