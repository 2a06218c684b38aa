import { execFile } from 'node:child_process';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { KafkaServer, PostgresServer } from '#testing/embedded';

const run = promisify(execFile);

interface Restart {
  readonly hard: boolean;
  readonly downMs: number;
}

export async function restartBroker(kafka: KafkaServer, { hard, downMs }: Restart): Promise<void> {
  await (hard ? kafka.kill() : kafka.stop());
  await delay(downMs);
  await kafka.restart();
}

export async function restartPostgres(postgres: PostgresServer, { hard, downMs }: Restart): Promise<void> {
  await (hard ? postgres.kill() : postgres.stop());
  await delay(downMs);
  await postgres.restart();
}

/** A copy of the whole data directory, taken while it is stopped, comes back after `ageMs`: as from a backup. */
export async function restoreOlderPostgres(postgres: PostgresServer, directory: string, ageMs: number): Promise<void> {
  const data = join(directory, 'postgres', 'data');
  const backup = join(directory, 'postgres', 'backup');
  await postgres.stop();
  await run('cp', ['-a', data, backup]); // with its owner: Postgres takes no other's
  await postgres.restart();
  await delay(ageMs);
  await postgres.stop();
  await rm(data, { recursive: true, force: true });
  await rename(backup, data);
  await postgres.restart();
}
