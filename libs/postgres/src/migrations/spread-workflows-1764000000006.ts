import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Workflows whose executions are spread have a row for their home and one for each shard; `spread_of` is the workflow in all of them. */
export class SpreadWorkflows1764000000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table workflows add column spread_of text collate "C"`);
    await runner.query(`create index workflows_spread on workflows (spread_of) where spread_of is not null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop index workflows_spread`);
    await runner.query(`alter table workflows drop column spread_of`);
  }
}
