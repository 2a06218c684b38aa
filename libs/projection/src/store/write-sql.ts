import { bigintArray, booleanArray, type Query, textArray } from '#postgres';
import type {
  ClusterEventRow,
  ExecutionEventsRow,
  ExecutionRow,
  OutcomeRow,
  PartitionMove,
  Position,
  VersionRow,
  WorkflowRow,
} from '../rows.js';

const nowMs = `(extract(epoch from clock_timestamp()) * 1000)::bigint`;

/** Compare-and-set of every position; comes back with the partitions that it moved. A projector that lost one moves nothing of it. */
export function moveQuery(moves: readonly PartitionMove[]): Query {
  return {
    name: 'move-positions',
    text: `update projection_offsets o set "offset" = n.to_offset, epoch = n.to_epoch, behind_ms = n.behind, updated_at = ${nowMs}
      from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::bigint[])
        as n (partition, from_offset, from_epoch, to_offset, to_epoch, behind)
      where o.partition = n.partition and o."offset" = n.from_offset and o.epoch is not distinct from n.from_epoch
      returning o.partition`,
    values: [
      bigintArray(moves.map((m) => m.partition)),
      bigintArray(moves.map((m) => m.from.offset)),
      textArray(moves.map((m) => m.from.epoch)),
      bigintArray(moves.map((m) => m.to.offset)),
      textArray(moves.map((m) => m.to.epoch)),
      bigintArray(moves.map((m) => m.behindMs)),
    ],
  };
}

export function executionsQuery(rows: readonly ExecutionRow[]): Query {
  return {
    name: 'upsert-executions',
    text: `insert into executions as stored (workflow_id, execution_id, partition, seq, status, version, workflow_name, started_at,
        ended_at, last_event_at, command_id, quarantine, waiting_kind, waiting_since)
      select * from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::text[], $8::bigint[],
        $9::bigint[], $10::bigint[], $11::text[], $12::text[], $13::text[], $14::bigint[])
      on conflict (workflow_id, execution_id) do update set seq = excluded.seq, status = excluded.status,
        ended_at = excluded.ended_at, last_event_at = excluded.last_event_at, quarantine = excluded.quarantine,
        waiting_kind = excluded.waiting_kind, waiting_since = excluded.waiting_since
      where stored.seq < excluded.seq or stored.quarantine is distinct from excluded.quarantine`,
    values: [
      textArray(rows.map((r) => r.workflowId)),
      textArray(rows.map((r) => r.executionId)),
      bigintArray(rows.map((r) => r.partition)),
      bigintArray(rows.map((r) => r.seq)),
      textArray(rows.map((r) => r.status)),
      bigintArray(rows.map((r) => r.version)),
      textArray(rows.map((r) => r.workflowName)),
      bigintArray(rows.map((r) => r.startedAt)),
      bigintArray(rows.map((r) => r.endedAt)),
      bigintArray(rows.map((r) => r.lastEventAt)),
      textArray(rows.map((r) => r.commandId)),
      textArray(rows.map((r) => r.quarantine)),
      textArray(rows.map((r) => r.waitingKind)),
      bigintArray(rows.map((r) => r.waitingSince)),
    ],
  };
}

export function executionEventsQuery(rows: readonly ExecutionEventsRow[]): Query {
  return {
    name: 'insert-events',
    text: `insert into execution_events (workflow_id, execution_id, first_seq, last_seq, partition, events)
      select * from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[])
      on conflict do nothing`,
    values: [
      textArray(rows.map((r) => r.workflowId)),
      textArray(rows.map((r) => r.executionId)),
      bigintArray(rows.map((r) => r.firstSeq)),
      bigintArray(rows.map((r) => r.lastSeq)),
      bigintArray(rows.map((r) => r.partition)),
      textArray(rows.map((r) => r.events)),
    ],
  };
}

export function workflowsQuery(rows: readonly WorkflowRow[]): Query {
  return {
    name: 'upsert-workflows',
    text: `insert into workflows as stored (workflow_id, partition, seq, deleted, name, description, tags, run_state, version,
        problem_count, created_at, updated_at, execution_count, running_count, state, quarantine, spread_of)
      select n.workflow_id, n.partition, n.seq, n.deleted, n.name, n.description,
        array(select jsonb_array_elements_text(n.tags::jsonb)), n.run_state, n.version, n.problem_count, n.created_at, n.updated_at,
        n.execution_count, n.running_count, n.state, n.quarantine, n.spread_of
      from unnest($1::text[], $2::bigint[], $3::bigint[], $4::boolean[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[],
        $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::text[], $16::text[], $17::text[])
        as n (workflow_id, partition, seq, deleted, name, description, tags, run_state, version, problem_count, created_at,
          updated_at, execution_count, running_count, state, quarantine, spread_of)
      on conflict (workflow_id) do update set partition = excluded.partition, seq = excluded.seq, deleted = excluded.deleted,
        name = excluded.name, description = excluded.description, tags = excluded.tags, run_state = excluded.run_state,
        version = excluded.version, problem_count = excluded.problem_count, created_at = excluded.created_at,
        updated_at = excluded.updated_at, execution_count = excluded.execution_count, running_count = excluded.running_count,
        state = excluded.state, quarantine = excluded.quarantine, spread_of = excluded.spread_of
      where stored.seq < excluded.seq or stored.quarantine is distinct from excluded.quarantine`,
    values: [
      textArray(rows.map((r) => r.workflowId)),
      bigintArray(rows.map((r) => r.partition)),
      bigintArray(rows.map((r) => r.seq)),
      booleanArray(rows.map((r) => r.deleted)),
      textArray(rows.map((r) => r.name)),
      textArray(rows.map((r) => r.description)),
      textArray(rows.map((r) => jsonTexts(r.tags))),
      textArray(rows.map((r) => r.runState)),
      bigintArray(rows.map((r) => r.version)),
      bigintArray(rows.map((r) => r.problemCount)),
      bigintArray(rows.map((r) => r.createdAt)),
      bigintArray(rows.map((r) => r.updatedAt)),
      bigintArray(rows.map((r) => r.executionCount)),
      bigintArray(rows.map((r) => r.runningCount)),
      textArray(rows.map((r) => JSON.stringify(r.state))),
      textArray(rows.map((r) => r.quarantine)),
      textArray(rows.map((r) => r.spreadOf)),
    ],
  };
}

/** jsonb refuses NUL as well, but only in its escaped form. */
function jsonTexts(texts: readonly string[]): string {
  return JSON.stringify(texts.map((text) => text.replaceAll('\0', '\uFFFD')));
}

export function versionsQuery(rows: readonly VersionRow[]): Query {
  return {
    name: 'insert-versions',
    text: `insert into workflow_versions (workflow_id, version, partition, problem_count, created_at, definition, problems)
      select * from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[])
      on conflict do nothing`,
    values: [
      textArray(rows.map((r) => r.workflowId)),
      bigintArray(rows.map((r) => r.version)),
      bigintArray(rows.map((r) => r.partition)),
      bigintArray(rows.map((r) => r.problemCount)),
      bigintArray(rows.map((r) => r.createdAt)),
      textArray(rows.map((r) => r.definition)),
      textArray(rows.map((r) => JSON.stringify(r.problems))),
    ],
  };
}

/** Of a command the first answer stays. */
export function outcomesQuery(rows: readonly OutcomeRow[]): Query {
  return {
    name: 'insert-outcomes',
    text: `insert into command_outcomes (command_id, partition, at, workflow_id, result, error_code, error_message)
      select * from unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[])
      on conflict do nothing`,
    values: [
      textArray(rows.map((r) => r.commandId)),
      bigintArray(rows.map((r) => r.partition)),
      bigintArray(rows.map((r) => r.at)),
      textArray(rows.map((r) => r.workflowId)),
      textArray(rows.map((r) => r.result)),
      textArray(rows.map((r) => r.errorCode)),
      textArray(rows.map((r) => r.errorMessage)),
    ],
  };
}

export function clusterEventsQuery(rows: readonly ClusterEventRow[]): Query {
  return {
    name: 'insert-cluster-events',
    text: `insert into cluster_events (partition, "offset", at, epoch, instance, address, generation, reason)
      select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[])
      on conflict do nothing`,
    values: [
      bigintArray(rows.map((r) => r.partition)),
      bigintArray(rows.map((r) => r.offset)),
      bigintArray(rows.map((r) => r.at)),
      textArray(rows.map((r) => r.epoch)),
      textArray(rows.map((r) => r.instance)),
      textArray(rows.map((r) => r.address)),
      bigintArray(rows.map((r) => r.generation)),
      textArray(rows.map((r) => r.reason)),
    ],
  };
}

/** The stored position, made where there is none; one row comes back. */
export function openQuery(partition: number, start: Position): Query {
  return {
    text: `insert into projection_offsets (partition, "offset", epoch, behind_ms, updated_at) values ($1, $2, $3, 0, ${nowMs})
      on conflict (partition) do update set partition = excluded.partition returning "offset", epoch`,
    values: [partition, start.offset, start.epoch ?? null],
  };
}

/** Idle partitions say that they are still followed. */
export function followingQuery(positions: readonly { readonly partition: number; readonly offset: number }[]): Query {
  return {
    name: 'still-following',
    text: `update projection_offsets o set behind_ms = 0, updated_at = ${nowMs}
      from unnest($1::bigint[], $2::bigint[]) as n (partition, "offset") where o.partition = n.partition and o."offset" = n."offset"`,
    values: [bigintArray(positions.map((p) => p.partition)), bigintArray(positions.map((p) => p.offset))],
  };
}

/** One index look-up per kind that occurs, however many executions wait. */
export function oldestWaitsQuery(): Query {
  return {
    name: 'oldest-waits',
    text: `with recursive kinds (kind) as (
        (select waiting_kind from executions where waiting_kind is not null order by waiting_kind limit 1)
        union all
        select (select waiting_kind from executions where waiting_kind > k.kind order by waiting_kind limit 1) from kinds k
          where k.kind is not null)
      select k.kind, (select min(waiting_since) from executions where waiting_kind = k.kind) as since from kinds k where k.kind is not null`,
    values: [],
  };
}

/** Tables whose rows all belong to one partition. */
export const projectedTables = ['workflows', 'workflow_versions', 'executions', 'execution_events', 'command_outcomes', 'cluster_events'];
