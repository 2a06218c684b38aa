export { CommandTopic, type ProducedCommand, type RejectedEntry } from './command-topic.js';
export { EventLogBroker, type EventLogSlice } from './event-log-broker.js';
export { type CommandFaults, faultlessCommands, InMemoryCommandLog } from './in-memory-command-log.js';
export { GroupCoordinator, type HeartbeatFault, InMemoryMembership } from './in-memory-membership.js';
export { InMemoryPartitionLog, type InMemoryPartitionLogOptions } from './in-memory-partition-log.js';
export { InMemoryReplySink, type SentReply } from './in-memory-reply-sink.js';
export {
  faultlessStore,
  InMemorySnapshotStore,
  type InMemorySnapshotStoreOptions,
  type StoreFault,
  type StoreFaults,
  type StoreStatement,
} from './in-memory-snapshot-store.js';
export { type AppendFault, faultlessLog, type LogFaults, type ReadFault } from './log-faults.js';
export { type Observation, recordingObserver } from './recording-observer.js';
export { ScriptedWorkRunner, succeedAtOnce, type WorkScript } from './scripted-work-runner.js';
export { SeededIds, SeededRandom } from './seeded-random.js';
export { type DatabaseCopy, SnapshotDatabase } from './snapshot-database.js';
export { literalExpressions, testCatalog } from './test-catalog.js';
export { VirtualClock } from './virtual-clock.js';
export { type Lane, settle, VirtualScheduler } from './virtual-scheduler.js';
