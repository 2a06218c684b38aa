import type { Settings } from '#config';
import type { Logger } from '#observability';
import {
  ClusterRecordStore,
  ExecutionLogStore,
  executionLogLimits,
  migrate,
  PostgresPool,
  PostgresSnapshotStore,
  snapshotLimits,
} from '#postgres';

/** What an engine keeps in Postgres. */
export interface Stores {
  readonly snapshots: PostgresSnapshotStore;
  readonly executionLog: ExecutionLogStore;
  readonly clusterRecords: ClusterRecordStore;
  close(): Promise<void>;
}

/** Migrates the schema and opens the stores. Rejects with TransientError while the database cannot be asked. */
export async function openStores(settings: Settings, logger: Logger): Promise<Stores> {
  const postgres = {
    url: settings.MILLRACE_POSTGRES_URL,
    schema: settings.MILLRACE_POSTGRES_SCHEMA,
    applicationName: `millrace-engine-${settings.MILLRACE_INSTANCE_ID}`,
  };
  await migrate(postgres);
  const snapshots = new PostgresPool(postgres, snapshotLimits);
  const logs = new PostgresPool(postgres, executionLogLimits);
  const executionLog = new ExecutionLogStore(logs);
  const onLost = (count: number, reason: string) => logger.warn({ count, reason }, 'records for cluster/events are lost');
  const clusterRecords = new ClusterRecordStore(logs, { onLost });
  return {
    snapshots: new PostgresSnapshotStore(snapshots),
    executionLog,
    clusterRecords,
    async close() {
      await Promise.all([executionLog.close(), clusterRecords.close()]);
      await Promise.all([snapshots.close(), logs.close()]);
    },
  };
}
