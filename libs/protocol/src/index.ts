export { type CommandEnvelope, commandSchemas, keyMismatch, type ParsedCommand, parseCommand } from './command-envelope.js';
export { mintCommandId, mintedAt } from './command-id.js';
export {
  type Cause,
  type CommandPosition,
  completeEvent,
  type DecidedEntry,
  type DecodedRecord,
  decodeRecord,
  encodeDecided,
  encodedSize,
  encodeEvent,
  highestDecided,
  positionOf,
  type Stamp,
  withPosition,
} from './event-codec.js';
export { encodeFence, epochOf, type FenceBody, fenceOffsetOf, isFence } from './fence.js';
export {
  type AcceptAnswer,
  type AcceptableHalt,
  type AcceptRequest,
  acceptableHalts,
  acceptPattern,
  encodeAccepted,
  type HaltAcceptance,
} from './halt.js';
export { commandHeaders, eventHeaders, eventSchemaVersion, rejectedHeaders } from './headers.js';
export { isNestedDeeper, maxJsonDepth } from './json-depth.js';
export { derivedIdPattern, entityKey, eventKey, idPattern, isShardName, parseEntityKey, parseEventKey, partitionKey } from './keys.js';
export { murmur2, partitionOf } from './partitioner.js';
export {
  type EnginePartition,
  type EnginePattern,
  type EngineStatus,
  type EngineStatusRequest,
  engineStatusPattern,
  type OwnerAnswer,
  type OwnerQuery,
  type OwnerQueryRequest,
  queryPattern,
} from './query.js';
export type { LogRecord, RawRecord, StoredRecord } from './record.js';
export type { Reply, ReplyAddress } from './reply.js';
export { byExecution, byWorkflow, customSharding, executionPartitionOf, type Placed, type ShardingStrategy } from './sharding.js';
export { type Topics, topicsOf } from './topics.js';
export { LogValidity, type Validity } from './validity.js';
