export { bigintArray, booleanArray, textArray } from './binary-array.js';
export { type ClusterRecord, type ClusterRecordOptions, ClusterRecordStore } from './cluster-record-store.js';
export { postgresError } from './errors.js';
export { type ExecutionLogLine, type ExecutionLogOptions, ExecutionLogStore, type StoredLogLine } from './execution-log.js';
export { createDataSource, migrate } from './migrate.js';
export {
  executionLogLimits,
  type PoolLimits,
  PostgresPool,
  type PostgresSettings,
  projectionLimits,
  type Query,
  type QueryRunner,
  readLimits,
  snapshotLimits,
} from './postgres-pool.js';
export { PostgresSnapshotStore } from './snapshot-store.js';
