import type { EpochMs } from '#core';
import type { Checkpoint, DecidedCommand, Snapshot, SnapshotBatch } from '#runtime';
import { bigintArray, booleanArray, textArray } from './binary-array.js';
import type { Query } from './postgres-pool.js';

/** Version of the states in `snapshots.state`. A store refuses to load a higher one. */
export const snapshotSchemaVersion = 1;

const checkpointColumns = `claimed_epoch, "offset", epoch_at_offset, command_offset, decided_above, command_time, covered_to, covered_epoch, revision`;

export function checkpointQuery(partition: number): Query {
  return { name: 'checkpoint', text: `select ${checkpointColumns} from checkpoints where partition = $1`, values: [partition] };
}

/**
 * L10. `mine` locks the checkpoint row only where the claimed epoch is still mine and the row is not older than what I saved
 * last (a database that went back in time, L11) nor newer than this batch (a late statement), and every write depends on it. Where the
 * lock had to be waited for, READ COMMITTED reads the row again and checks `claimed_epoch` again, so a slow stale statement
 * finds no row and writes nothing. The entity guard stands in ON CONFLICT, which compares with the row as it is now, under
 * its lock. (A guard in a sub-select would look at the statement's old snapshot.)
 */
const saveText = `
with mine as materialized (
  select partition from checkpoints where partition = $1 and claimed_epoch = $2
    and revision >= $26 and ($27::bigint is null or revision <= $27) for update
), upserted as (
  insert into snapshots as stored (partition, key, kind, workflow_id, seq, schema, state, origin_id, origin_hash, wake_at, finished,
    quarantine_reason, quarantine_offset)
  select mine.partition, n.key, n.kind, n.workflow_id, n.seq, ${snapshotSchemaVersion}, n.state, n.origin_id, n.origin_hash, n.wake_at,
    n.finished, n.quarantine_reason, n.quarantine_offset
  from mine cross join unnest($3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[], $9::text[], $10::bigint[],
    $11::boolean[], $12::text[], $13::bigint[])
    as n (key, kind, workflow_id, seq, state, origin_id, origin_hash, wake_at, finished, quarantine_reason, quarantine_offset)
  on conflict (partition, key) do update set
    seq = excluded.seq, schema = excluded.schema, state = excluded.state, origin_id = excluded.origin_id,
    origin_hash = excluded.origin_hash, wake_at = excluded.wake_at, finished = excluded.finished,
    quarantine_reason = excluded.quarantine_reason, quarantine_offset = excluded.quarantine_offset
  where stored.seq < excluded.seq
    or (stored.seq = excluded.seq and stored.quarantine_offset is distinct from excluded.quarantine_offset)
), remembered as (
  insert into decided_commands (partition, command_id, command_hash, at, answer)
  select mine.partition, n.command_id, n.command_hash, n.at, n.answer
  from mine cross join unnest($14::text[], $15::text[], $16::bigint[], $17::text[]) as n (command_id, command_hash, at, answer)
  on conflict (partition, command_id) do nothing
), forgotten as (
  delete from decided_commands d using mine where $18::bigint is not null and d.partition = mine.partition and d.at < $18
), moved as (
  update checkpoints c set "offset" = $19, epoch_at_offset = $20, command_offset = $21, decided_above = $22::bigint[],
    covered_to = $23, covered_epoch = $24, command_time = $25, revision = coalesce($27, c.revision)
  from mine where c.partition = mine.partition returning c.partition
)
select count(*) as moved from moved`;

/** `forgetBefore` undefined: nothing is forgotten this time. */
export function saveQuery(partition: number, epoch: string, batch: SnapshotBatch, forgetBefore: EpochMs | undefined): Query {
  const { snapshots, decided, checkpoint } = batch;
  const values = [partition, epoch, ...snapshotArrays(snapshots), ...decidedArrays(decided), forgetBefore ?? null];
  return {
    name: 'save',
    text: saveText,
    values: [...values, ...checkpointValues(checkpoint), batch.revision?.follows ?? 0, batch.revision?.is ?? null],
  };
}

function snapshotArrays(snapshots: readonly Snapshot[]): readonly Buffer[] {
  return [
    textArray(snapshots.map((s) => s.key)),
    textArray(snapshots.map((s) => s.kind)),
    textArray(snapshots.map((s) => workflowIdOf(s.key))),
    bigintArray(snapshots.map((s) => s.seq)),
    textArray(snapshots.map((s) => JSON.stringify(s.state))),
    textArray(snapshots.map((s) => s.origin?.commandId)),
    textArray(snapshots.map((s) => s.origin?.commandHash)),
    bigintArray(snapshots.map((s) => s.wakeAt)),
    booleanArray(snapshots.map((s) => s.finished)),
    textArray(snapshots.map((s) => s.quarantine?.reason)),
    bigintArray(snapshots.map((s) => s.quarantine?.offset)),
  ];
}

function decidedArrays(decided: readonly DecidedCommand[]): readonly Buffer[] {
  return [
    textArray(decided.map((d) => d.commandId)),
    textArray(decided.map((d) => d.commandHash)),
    bigintArray(decided.map((d) => d.at)),
    textArray(decided.map((d) => JSON.stringify(d.answer))),
  ];
}

function checkpointValues(checkpoint: Checkpoint): readonly unknown[] {
  const { offset, epochAtOffset, commandOffset, decidedAbove, commandTime, coveredTo, coveredEpoch } = checkpoint;
  return [offset, epochAtOffset ?? null, commandOffset, bigintArray(decidedAbove), coveredTo, coveredEpoch, commandTime ?? null];
}

function workflowIdOf(key: string): string {
  const slash = key.indexOf('/');
  return slash < 0 ? key : key.slice(0, slash);
}

const insertClaim = `insert into checkpoints (partition, claimed_epoch, "offset", epoch_at_offset, command_offset, decided_above, covered_to, covered_epoch,
  command_time) values ($1, $3, $4, $5, $6, $7::bigint[], $8, $9, $10) on conflict (partition) do nothing returning partition`;
const updateClaim = `update checkpoints set claimed_epoch = $3 where partition = $1 and claimed_epoch = $2 returning partition`;
const resetClaim = `update checkpoints set claimed_epoch = $3, "offset" = $4, epoch_at_offset = $5, command_offset = $6,
  decided_above = $7::bigint[], covered_to = $8, covered_epoch = $9, command_time = $10, revision = 0 where partition = $1 and claimed_epoch = $2 returning partition`;
const dropping = `, dropped as (delete from snapshots s using mine where s.partition = mine.partition),
  forgotten as (delete from decided_commands d using mine where d.partition = mine.partition)`;

/** What a claim asks for; see `SnapshotStore.claim`. */
export interface Claim {
  readonly partition: number;
  readonly expected: string | undefined;
  readonly epoch: string;
  readonly initial: Checkpoint;
  readonly voided: boolean;
}

/** Compare-and-set of the claimed epoch; one row comes back where it was claimed. */
export function claimQuery({ partition, expected, epoch, initial, voided }: Claim): Query {
  const claim = expected === undefined ? insertClaim : voided ? resetClaim : updateClaim;
  // The first part only gives every parameter its type, whichever of them the claim uses.
  const text = `with given as (select $2::text, $4::bigint, $5::text, $6::bigint, $7::bigint[], $8::bigint, $9::text, $10::bigint),
    mine as (${claim})${voided ? dropping : ''} select partition from mine`;
  return { text, values: [partition, expected ?? null, epoch, ...checkpointValues(initial)] };
}

export function loadQuery(partition: number, keys: readonly string[]): Query {
  return {
    name: 'load',
    text: `select key, kind, seq, schema, state, origin_id, origin_hash, wake_at, finished, quarantine_reason, quarantine_offset
      from snapshots where partition = $1 and key = any($2::text[])`,
    values: [partition, textArray(keys)],
  };
}

export function findCommandsQuery(partition: number, commandIds: readonly string[]): Query {
  return {
    name: 'find-commands',
    text: `select command_id, command_hash, at, answer from decided_commands where partition = $1 and command_id = any($2::text[])`,
    values: [partition, textArray(commandIds)],
  };
}

export function dueQuery(partition: number, before: EpochMs, limit: number): Query {
  return {
    name: 'due',
    text: `select key, wake_at from snapshots where partition = $1 and wake_at <= $2 and not finished order by wake_at, key limit $3`,
    values: [partition, before, limit],
  };
}

export function unfinishedQuery(partition: number, workflowId: string, afterKey: string | undefined, limit: number): Query {
  return {
    name: 'unfinished',
    text: `select key from snapshots where partition = $1 and workflow_id = $2 and key > $3 and not finished and kind = 'execution'
      order by key limit $4`,
    values: [partition, workflowId, afterKey ?? '', limit],
  };
}
