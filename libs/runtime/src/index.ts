export { derivedExecutionId } from './dedupe/command-identity.js';
export { PartitionRuntime } from './partition-runtime.js';
export type { CancelTimer, Clock, RandomIds } from './ports/clock.js';
export type { CommandListener, CommandLog, CommandSubscription, OwnCommand, RejectedCommand } from './ports/command-log.js';
export { FatalError, TransientError } from './ports/errors.js';
export type { Membership, MembershipAnswer } from './ports/membership.js';
export type { AppendOutcome, PartitionLog, ReadOptions, ReadOutcome } from './ports/partition-log.js';
export type { ReplySink } from './ports/reply-sink.js';
export type { RecoveryReport, RuntimeObserver } from './ports/runtime-observer.js';
export type {
  Checkpoint,
  CheckpointRow,
  ClaimOutcome,
  CommandAnswer,
  DecidedCommand,
  Snapshot,
  SnapshotBatch,
  SnapshotStore,
} from './ports/snapshot-store.js';
export type { RunningWork, Work, WorkListener, WorkRunner } from './ports/work-runner.js';
export type { PartitionStatus, RuntimePorts, RuntimeSettings } from './runtime-api.js';
export { allRules, type RuntimeRules } from './runtime-rules.js';
export { systemClock, systemRandom } from './system/system-clock.js';
