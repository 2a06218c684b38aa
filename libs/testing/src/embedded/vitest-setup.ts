import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { KafkaServer } from './kafka-server.js';
import { PostgresServer } from './postgres-server.js';

declare module 'vitest' {
  export interface ProvidedContext {
    kafkaBrokers: string;
    postgresUrl: string;
  }
}

/** One real broker and one real database for the whole integration project; each spec makes its own topics and schema. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const base = mkdtempSync(join(tmpdir(), 'millrace-test-'));
  chmodSync(base, 0o755); // as root, Postgres runs as another user and must get through
  const directory = (name: string) => {
    mkdirSync(join(base, name), { recursive: true });
    return join(base, name);
  };
  const [kafka, postgres] = await Promise.all([
    KafkaServer.start({ directory: directory('kafka') }),
    PostgresServer.start({ directory: directory('postgres'), settings: { fsync: 'off' } }),
  ]);
  project.provide('kafkaBrokers', kafka.brokers);
  project.provide('postgresUrl', postgres.url);
  return async () => {
    await Promise.all([kafka.stop(), postgres.stop()]);
    rmSync(base, { recursive: true, force: true });
  };
}
