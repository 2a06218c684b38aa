import { type EpochMs, type ExecutionEvent, type ExecutionState, initialExecutionState, type WorkflowState } from '#core';
import { type PostgresPool, type Query, type QueryRunner, textArray } from '#postgres';
import { entityKey, parseEntityKey } from '#protocol';
import { evolveAll } from '../fold/fold-execution.js';
import type { WorkflowRunState } from '../read-model.js';
import type { ExecutionRow, KnownExecution, Position, ProjectionBatch, WorkflowRow } from '../rows.js';
import {
  clusterEventsQuery,
  executionEventsQuery,
  executionsQuery,
  followingQuery,
  moveQuery,
  oldestWaitsQuery,
  openQuery,
  outcomesQuery,
  projectedTables,
  versionsQuery,
  workflowsQuery,
} from './write-sql.js';

/** Rebuilding drops a partition's rows, which may be many. */
const dropTimeoutMs = 300_000;

/** Another projector has moved these partitions: this one's picture of them is old. Nothing of the batch was written. */
export class PositionMovedError extends Error {
  override readonly name = 'PositionMovedError';
  constructor(readonly partitions: readonly number[]) {
    super(`another projector moved partition(s) ${partitions.join(', ')}`);
  }
}

/** The read model's tables as the projector writes them. Rejects with TransientError when Postgres cannot be asked. */
export class ProjectionStore {
  constructor(private readonly pool: PostgresPool) {}

  /** How far the partition is projected; starts it at `start` where nobody has. */
  async open(partition: number, start: Position): Promise<Position> {
    return toPosition(
      await this.pool.rows<PositionColumns>(openQuery(partition, start), `opening the projection of partition ${partition}`),
    );
  }

  /** Drops everything that came from the partition and starts again at `start`, where it still stands at `from`; returns where it stands. */
  async restart(partition: number, from: Position, start: Position): Promise<Position> {
    const doing = `dropping the projection of partition ${partition}`;
    const work = async (transaction: QueryRunner): Promise<void> => {
      await move(transaction, [{ partition, from, to: start, behindMs: 0 }]);
      for (const table of projectedTables)
        await transaction.rows({ text: `delete from ${table} where partition = $1`, values: [partition] }, doing);
    };
    await this.pool.transaction(doing, work, dropTimeoutMs);
    return start;
  }

  /** One transaction: moves every position first, by compare-and-set, then writes the rows. Rejects with PositionMovedError. */
  async write(batch: ProjectionBatch): Promise<void> {
    const doing = 'writing the read model';
    await this.pool.transaction(doing, async (transaction) => {
      await move(transaction, batch.moves);
      for (const query of rowQueries(batch)) await transaction.rows(query, doing);
    });
  }

  /** Says that these partitions, at these positions, are still followed and have nothing new. */
  async following(positions: readonly { readonly partition: number; readonly offset: number }[]): Promise<void> {
    await this.pool.rows(followingQuery(positions), 'noting that the read model is up to date');
  }

  /** When the execution that has waited longest began to, by kind of wait; kinds that nothing waits for are absent. */
  async oldestWaits(): Promise<ReadonlyMap<string, EpochMs>> {
    const rows = await this.pool.rows<{ kind: string; since: EpochMs }>(oldestWaitsQuery(), 'reading the oldest waits');
    return new Map(rows.map(({ kind, since }) => [kind, since]));
  }

  /** Executions by entity key; `withState` of them also with the state that their stored events add up to. */
  async executions(entities: readonly string[], withState: readonly string[]): Promise<ReadonlyMap<string, KnownExecution>> {
    const rows = entities.length === 0 ? [] : await this.pool.rows<ExecutionRow>(executionRowsQuery(entities), 'reading executions');
    const states = withState.length === 0 ? new Map<string, ExecutionState>() : await this.#states(withState);
    return new Map(
      rows.map((row) => {
        const entity = entityKey(row.workflowId, row.executionId);
        return [entity, { row, state: states.get(entity) }];
      }),
    );
  }

  async workflows(workflowIds: readonly string[]): Promise<ReadonlyMap<string, WorkflowRow>> {
    const rows = await this.pool.rows<WorkflowColumns>(workflowRowsQuery(workflowIds), 'reading workflows');
    return new Map(rows.map((row) => [row.workflowId, { ...row, state: JSON.parse(row.state) as WorkflowState }]));
  }

  async #states(entities: readonly string[]): Promise<ReadonlyMap<string, ExecutionState>> {
    const rows = await this.pool.rows<EventsColumns>(eventRowsQuery(entities), 'reading the events of executions');
    const states = new Map<string, ExecutionState>();
    for (const row of rows) {
      const entity = entityKey(row.workflowId, row.executionId);
      const events = JSON.parse(row.events) as readonly ExecutionEvent[];
      states.set(entity, evolveAll(states.get(entity) ?? initialExecutionState, events));
    }
    return states;
  }
}

interface PositionColumns {
  readonly offset: number;
  readonly epoch: string | null;
}

interface EventsColumns {
  readonly workflowId: string;
  readonly executionId: string;
  readonly events: string;
}

type WorkflowColumns = Omit<WorkflowRow, 'state' | 'runState'> & { readonly state: string; readonly runState: WorkflowRunState };

function toPosition([row]: readonly PositionColumns[]): Position {
  return { offset: row?.offset ?? 0, epoch: row?.epoch ?? undefined };
}

async function move(transaction: QueryRunner, moves: ProjectionBatch['moves']): Promise<void> {
  const moved = await transaction.rows<{ partition: number }>(moveQuery(moves), 'moving positions');
  if (moved.length === moves.length) return;
  const done = new Set(moved.map((row) => row.partition));
  throw new PositionMovedError(moves.map((m) => m.partition).filter((partition) => !done.has(partition)));
}

function rowQueries(batch: ProjectionBatch): readonly Query[] {
  const { executions, executionEvents, workflows, versions, outcomes, clusterEvents } = batch;
  return [
    ...(executions.length > 0 ? [executionsQuery(executions)] : []),
    ...(executionEvents.length > 0 ? [executionEventsQuery(executionEvents)] : []),
    ...(workflows.length > 0 ? [workflowsQuery(workflows)] : []),
    ...(versions.length > 0 ? [versionsQuery(versions)] : []),
    ...(outcomes.length > 0 ? [outcomesQuery(outcomes)] : []),
    ...(clusterEvents.length > 0 ? [clusterEventsQuery(clusterEvents)] : []),
  ];
}

function entityColumns(entities: readonly string[]): readonly Buffer[] {
  const ids = entities.map(parseEntityKey);
  return [textArray(ids.map((id) => id.workflowId)), textArray(ids.map((id) => id.executionId))];
}

function executionRowsQuery(entities: readonly string[]): Query {
  return {
    name: 'known-executions',
    text: `select e.workflow_id as "workflowId", e.execution_id as "executionId", e.partition, e.seq, e.status, e.version,
        e.workflow_name as "workflowName", e.started_at as "startedAt", e.ended_at as "endedAt", e.last_event_at as "lastEventAt",
        e.command_id as "commandId", e.quarantine, e.waiting_kind as "waitingKind", e.waiting_since as "waitingSince"
      from unnest($1::text[], $2::text[]) as n (workflow_id, execution_id) join executions e using (workflow_id, execution_id)`,
    values: entityColumns(entities),
  };
}

function eventRowsQuery(entities: readonly string[]): Query {
  return {
    name: 'known-events',
    text: `select e.workflow_id as "workflowId", e.execution_id as "executionId", e.events
      from unnest($1::text[], $2::text[]) as n (workflow_id, execution_id) join execution_events e using (workflow_id, execution_id)
      order by e.workflow_id, e.execution_id, e.first_seq`,
    values: entityColumns(entities),
  };
}

function workflowRowsQuery(workflowIds: readonly string[]): Query {
  return {
    name: 'known-workflows',
    text: `select workflow_id as "workflowId", partition, seq, deleted, name, description, tags, run_state as "runState", version,
        problem_count as "problemCount", created_at as "createdAt", updated_at as "updatedAt", execution_count as "executionCount",
        running_count as "runningCount", state, quarantine, spread_of as "spreadOf" from workflows where workflow_id = any($1::text[])`,
    values: [textArray(workflowIds)],
  };
}
