import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What lists, search and history are read from. Everything here can be dropped and projected again from the log. */
export class ReadModel1764000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...progress, ...workflows, ...executions, ...outcomes]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `drop table projection_offsets, workflows, workflow_versions, executions, execution_events, command_outcomes, cluster_events`,
    );
  }
}

/** How far each partition is projected. `behind_ms` is as of `updated_at` (the server's clock, epoch ms). */
const progress = [
  `create table projection_offsets (
    partition int primary key,
    "offset" bigint not null,
    epoch text,
    behind_ms bigint not null,
    updated_at bigint not null
  ) with (fillfactor = 50)`,
];

const workflows = [
  `create table workflows (
    workflow_id text collate "C" primary key,
    partition int not null,
    seq bigint not null,
    deleted boolean not null,
    name text not null,
    description text not null,
    tags text[] not null,
    run_state text not null,
    version int not null,
    problem_count int not null,
    created_at bigint not null,
    updated_at bigint not null,
    execution_count bigint not null,
    running_count bigint not null,
    state text not null,
    quarantine text
  ) with (fillfactor = 70)`,
  `create index workflows_newest on workflows (created_at desc, workflow_id desc) where not deleted`,
  `create table workflow_versions (
    workflow_id text collate "C" not null,
    version int not null,
    partition int not null,
    problem_count int not null,
    created_at bigint not null,
    definition text not null,
    problems text not null,
    primary key (workflow_id, version)
  )`,
];

/** One row per execution, and its events as one row per batch that brought some: a row per event would cost ten times as much. */
const executions = [
  `create table executions (
    workflow_id text collate "C" not null,
    execution_id text collate "C" not null,
    partition int not null,
    seq bigint not null,
    status text not null,
    version int not null,
    workflow_name text not null,
    started_at bigint not null,
    ended_at bigint,
    last_event_at bigint not null,
    command_id text collate "C",
    quarantine text,
    primary key (workflow_id, execution_id)
  ) with (fillfactor = 90)`,
  `create index executions_of_workflow on executions (workflow_id, started_at desc, execution_id desc)`,
  `create index executions_newest on executions (started_at desc, workflow_id desc, execution_id desc)`,
  `create index executions_uncommon on executions (status, started_at desc, workflow_id desc, execution_id desc)
    where status <> 'completed'`,
  `create index executions_command on executions (command_id) where command_id is not null`,
  `create table execution_events (
    workflow_id text collate "C" not null,
    execution_id text collate "C" not null,
    first_seq bigint not null,
    last_seq bigint not null,
    partition int not null,
    events text not null,
    primary key (workflow_id, execution_id, first_seq)
  )`,
];

const outcomes = [
  `create table command_outcomes (
    command_id text collate "C" not null,
    partition int not null,
    at bigint not null,
    workflow_id text,
    result text,
    error_code text,
    error_message text,
    primary key (command_id, partition)
  )`,
  `create table cluster_events (
    partition int not null,
    "offset" bigint not null,
    at bigint not null,
    epoch text not null,
    instance text not null,
    address text not null,
    generation bigint not null,
    reason text not null,
    primary key (partition, "offset")
  )`,
  `create index cluster_events_newest on cluster_events (at desc, partition desc, "offset" desc)`,
];
