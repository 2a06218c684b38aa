import { type JsonObject, type Problem, type WorkflowState, workflowStatusView } from '#core';
import type { QueryRunner } from '#postgres';
import type { Page, VersionItem, WorkflowItem, WorkflowQuery } from '../read-model.js';
import { Conditions, pageOf } from './conditions.js';
import { decodeCursor, encodeCursor } from './cursor.js';

const columns = `w.workflow_id as "workflowId", w.partition, w.name, w.description, w.tags, w.run_state as state, w.version,
  w.problem_count as "problemCount", w.created_at as "createdAt", w.updated_at as "updatedAt",
  w.execution_count as "executionCount", w.running_count as "runningCount"`;
const withDefinition = 'left join workflow_versions v on v.workflow_id = w.workflow_id and v.version = w.version';

type WorkflowColumns = Omit<WorkflowItem, 'definition'> & { readonly definition?: string };
type VersionColumns = Omit<VersionItem, 'definition' | 'problems'> & { readonly definition: string; readonly problems: string };

/** Newest first. */
export async function readWorkflows(db: QueryRunner, query: WorkflowQuery): Promise<Page<WorkflowItem>> {
  const conditions = new Conditions().add('not w.deleted');
  if (query.tag !== undefined) conditions.add('? = any(w.tags)', query.tag);
  if (query.state !== undefined) conditions.add('w.run_state = ?', query.state);
  if (query.q !== undefined) {
    const pattern = `%${query.q.replace(/[\\%_]/g, '\\$&')}%`;
    conditions.add('(w.workflow_id ilike ? or w.name ilike ? or w.description ilike ?)', pattern, pattern, pattern);
  }
  if (query.cursor !== undefined) conditions.add('(w.created_at, w.workflow_id) < (?, ?)', ...decodeCursor(query.cursor, 'ns'));
  const text = `select ${columns}${query.summary ? '' : ', v.definition'} from workflows w ${query.summary ? '' : withDefinition}
    ${conditions.where} order by w.created_at desc, w.workflow_id desc limit ${conditions.parameter(query.limit + 1)}`;
  const rows = await db.rows<WorkflowColumns>({ text, values: conditions.values }, 'listing workflows');
  return pageOf(rows, query.limit, toWorkflow, (row) => encodeCursor([row.createdAt, row.workflowId]));
}

export async function readWorkflow(db: QueryRunner, workflowId: string): Promise<WorkflowItem | undefined> {
  const text = `select ${columns}, v.definition from workflows w ${withDefinition} where w.workflow_id = $1 and not w.deleted`;
  const [row] = await db.rows<WorkflowColumns>({ name: 'workflow', text, values: [workflowId] }, `reading workflow ${workflowId}`);
  return row && toWorkflow(row);
}

export async function readWorkflowStatus(db: QueryRunner, workflowId: string): Promise<JsonObject | undefined> {
  const text = 'select state from workflows where workflow_id = $1 and not deleted';
  const query = { name: 'workflow-state', text, values: [workflowId] };
  const [row] = await db.rows<{ state: string }>(query, `reading the state of workflow ${workflowId}`);
  return row && workflowStatusView(workflowId, JSON.parse(row.state) as WorkflowState);
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
