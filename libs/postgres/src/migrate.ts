import pg from 'pg';
import { DataSource } from 'typeorm';
import { postgresError } from './errors.js';
import { ClusterRecords1764000000004 } from './migrations/cluster-records-1764000000004.js';
import { CommandTime1764000000003 } from './migrations/command-time-1764000000003.js';
import { ExecutionLogs1764000000002 } from './migrations/execution-logs-1764000000002.js';
import { ReadModel1764000000001 } from './migrations/read-model-1764000000001.js';
import { Snapshots1764000000000 } from './migrations/snapshots-1764000000000.js';
import { SpreadWorkflows1764000000006 } from './migrations/spread-workflows-1764000000006.js';
import { WaitingSince1764000000005 } from './migrations/waiting-since-1764000000005.js';
import { type PoolLimits, type PostgresSettings, schemaName, sessionOptions } from './postgres-pool.js';

/** Another process may be migrating a large table. */
const limits: PoolLimits = { connections: 1, statementTimeoutMs: 300_000, lockTimeoutMs: 120_000 };

/** The TypeORM data source of the schema: migrations only, never `synchronize`. Not yet initialised. */
export function createDataSource(settings: PostgresSettings): DataSource {
  return new DataSource({
    type: 'postgres',
    url: settings.url,
    schema: schemaName(settings),
    applicationName: settings.applicationName,
    synchronize: false,
    migrations: [
      Snapshots1764000000000,
      ReadModel1764000000001,
      ExecutionLogs1764000000002,
      CommandTime1764000000003,
      ClusterRecords1764000000004,
      WaitingSince1764000000005,
      SpreadWorkflows1764000000006,
    ],
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    installExtensions: false,
    extra: { max: 1, options: sessionOptions(settings, limits), connectionTimeoutMillis: 5_000 },
  });
}

/**
 * Creates the schema and brings its tables up to date; safe when several processes start at once (an advisory lock lets one
 * at a time through). Returns the names of the migrations that it ran. Rejects with TransientError while the database cannot
 * be asked.
 */
export async function migrate(settings: PostgresSettings): Promise<readonly string[]> {
  const doing = `migrating schema ${schemaName(settings)}`;
  const client = new pg.Client({
    connectionString: settings.url,
    application_name: settings.applicationName,
    options: sessionOptions(settings, limits),
    connectionTimeoutMillis: 5_000,
    query_timeout: limits.statementTimeoutMs,
  });
  // A connection lost while it is idle shows at its next statement.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(`select pg_advisory_lock(hashtextextended($1, 0))`, [`millrace migrations of ${schemaName(settings)}`]);
    await client.query(`create schema if not exists ${schemaName(settings)}`);
    return await runMigrations(createDataSource(settings));
  } catch (error) {
    throw postgresError(error, doing);
  } finally {
    await client.end().catch(() => undefined); // frees the lock; a broken connection has freed it already
  }
}

async function runMigrations(source: DataSource): Promise<readonly string[]> {
  await source.initialize();
  try {
    return (await source.runMigrations()).map((migration) => migration.name);
  } finally {
    await source.destroy();
  }
}
