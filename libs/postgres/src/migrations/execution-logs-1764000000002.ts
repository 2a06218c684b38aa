import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lines that nodes wrote to their execution's logs. They exist in Postgres only. */
export class ExecutionLogs1764000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table execution_logs (
      workflow_id text collate "C" not null,
      execution_id text collate "C" not null,
      id bigint generated always as identity,
      node_id text not null,
      at bigint not null,
      text text not null,
      primary key (workflow_id, execution_id, id)
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table execution_logs`);
  }
}
