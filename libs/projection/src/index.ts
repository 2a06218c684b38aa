export type { EventFeed, EventFeedListener, EventSubscription } from './event-feed.js';
export type { StoppedEntity } from './fold/fold-partition.js';
export { type ProjectionObserver, type ProjectorSettings, projectorDefaults } from './projection-observer.js';
export { Projector, type ProjectorPorts } from './projector.js';
export { PostgresReadModel, type ReadModelOptions } from './read/postgres-read-model.js';
export {
  type ClusterEvent,
  type CommandOutcome,
  clusterEventKinds,
  type ExecutionItem,
  type ExecutionQuery,
  type ExecutionRunStatus,
  type HistoryExecution,
  type HistoryNode,
  type HistoryStatus,
  InvalidCursorError,
  type Page,
  type PartitionCounts,
  type ReadModel,
  type Timeline,
  type VersionItem,
  type WorkflowItem,
  type WorkflowQuery,
  type WorkflowRunState,
} from './read-model.js';
export { ProjectionStore } from './store/projection-store.js';
