export { type ConfigValidator, createConfigValidator } from './api/config-schema.js';
export type { DataNode, DiscardedEpochs, NodePresentation, SinkNode, SourceNode, TransformNode } from './api/data-node.js';
export { describeDataNode } from './api/descriptor.js';
export { CheckpointUnusable, NodeFailure } from './api/failures.js';
export type { NodeContext, NodeLimits, RecordRejection, SinkAttempt } from './api/node-context.js';
export type { Batch, SealedSink, SinkOperator, SourceBatch, SourceOperator, TransformOperator } from './api/operators.js';
export { createDataNodeResolver, type DataNodeResolver } from './catalog/data-node-resolver.js';
export { createNodeCatalog, type DescribedNodeCatalog } from './catalog/node-catalog.js';
export type { ConfigEntry, NodeTypeEntry, NodeTypeList } from './catalog/node-type-entry.js';
export { builtInDataNodes, renamedDataNodes } from './data-nodes.js';
export { importUserNodes, type LoadedUserNode, loadUserNodes } from './users/load-user-nodes.js';
export {
  defineNode,
  type UserNode,
  type UserNodeContext,
  type UserSink,
  type UserSinkContext,
  type UserSource,
  type UserSourceBatch,
  type UserSourceContext,
  type UserTask,
  type UserTaskContext,
  type UserTransform,
  type UserTransformContext,
} from './users/user-node.js';
