import type { Settings } from '#config';
import { ExecutionLogStore, executionLogLimits, migrate, PostgresPool, PostgresSnapshotStore, snapshotLimits } from '#postgres';

/** What an engine keeps in Postgres. */
export interface Stores {
  readonly snapshots: PostgresSnapshotStore;
  readonly executionLog: ExecutionLogStore;
  close(): Promise<void>;
}

/** Migrates the schema and opens the stores. Rejects with TransientError while the database cannot be asked. */
export async function openStores(settings: Settings): Promise<Stores> {
  const postgres = {
    url: settings.MILLRACE_POSTGRES_URL,
    schema: settings.MILLRACE_POSTGRES_SCHEMA,
    applicationName: `millrace-engine-${settings.MILLRACE_INSTANCE_ID}`,
  };
  await migrate(postgres);
  const snapshots = new PostgresPool(postgres, snapshotLimits);
  const logs = new PostgresPool(postgres, executionLogLimits);
  const executionLog = new ExecutionLogStore(logs);
  return {
    snapshots: new PostgresSnapshotStore(snapshots),
    executionLog,
    async close() {
      await executionLog.close();
      await Promise.all([snapshots.close(), logs.close()]);
    },
  };
}
