import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What engines saw happen to the group: moves with their end, rebalances, members. That a partition moved is a fact of its log; how long it took is only here. */
export class ClusterRecords1764000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table cluster_records (
      id text collate "C" primary key,
      kind text not null,
      partition int,
      epoch text,
      start_at bigint not null,
      end_at bigint,
      body jsonb not null
    )`);
    await runner.query(`create index cluster_records_newest on cluster_records (start_at desc, id desc)`);
    await runner.query(`create unique index cluster_records_epoch on cluster_records (partition, epoch) where epoch is not null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table cluster_records`);
  }
}
