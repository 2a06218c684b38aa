import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Since when an execution waits, and for what kind of thing: for `workflow_oldest_waiting_seconds`. */
export class WaitingSince1764000000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table executions add column waiting_kind text, add column waiting_since bigint`);
    await runner.query(`create index executions_waiting on executions (waiting_kind, waiting_since) where waiting_kind is not null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop index executions_waiting`);
    await runner.query(`alter table executions drop column waiting_kind, drop column waiting_since`);
  }
}
