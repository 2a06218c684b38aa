import type { MigrationInterface, QueryRunner } from 'typeorm';

/** L11: the checkpoint remembers when the last decided command was written, so that a recreated commands topic is told from it. */
export class CommandTime1764000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table checkpoints add column command_time bigint`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table checkpoints drop column command_time`);
  }
}
