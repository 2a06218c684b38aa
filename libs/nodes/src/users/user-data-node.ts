import type { Json, JsonObject } from '#core';
import type { DataNode, NodePresentation } from '../api/data-node.js';
import { NodeFailure } from '../api/failures.js';
import type { NodeContext } from '../api/node-context.js';
import type { Batch, SinkOperator, SourceOperator, TransformOperator } from '../api/operators.js';
import type { UserNode, UserNodeContext, UserSink, UserSinkContext, UserSource, UserTransform, UserTransformContext } from './user-node.js';

/** What the list of node types shows of a user's node. */
export function presentUserNode(node: UserNode): NodePresentation {
  return {
    nodeType: node.nodeType,
    displayName: node.label ?? node.nodeType,
    icon: node.icon ?? 'puzzle',
    category: node.category ?? 'custom',
    description: node.description ?? '',
    configSchema: node.configSchema ?? { type: 'object' },
  };
}

/** A user's source, transform or sink as a node of a stage; undefined for a task. */
export function asDataNode(node: UserNode): DataNode | undefined {
  const presentation = presentUserNode(node);
  switch (node.kind) {
    case 'source':
      return { ...presentation, kind: 'source', create: (context) => sourceOperator(node, context) };
    case 'transform':
      return { ...presentation, kind: 'transform', create: (context) => transformOperator(node, context) };
    case 'sink':
      return { ...presentation, kind: 'sink', create: (context) => sinkOperator(node, context) };
    default:
      return undefined;
  }
}

function userContext(context: NodeContext): UserNodeContext {
  const { config, executionId, workflowId, nodeId, attempt, signal } = context;
  return { config, executionId, workflowId, nodeId, attempt, signal, log: (text) => context.log(text) };
}

function sourceOperator(node: UserSource, context: NodeContext): SourceOperator {
  return {
    async *read(cursor) {
      for await (const batch of node.read({ ...userContext(context), cursor })) {
        const records = checkedBatch(node, batch?.records);
        yield batch.cursor === undefined ? { records } : { records, cursor: batch.cursor };
      }
    },
  };
}

function transformOperator(node: UserTransform, context: NodeContext): TransformOperator {
  let state: Record<string, Json> = {};
  const call = (): UserTransformContext => ({ ...userContext(context), state });
  return {
    process: async (batch) => checkedBatch(node, await node.transform(batch, call())),
    async *finish() {
      if (node.finish !== undefined) yield checkedBatch(node, await node.finish(call()));
    },
    state: () => snapshotOf(state, context.limits.maxStateBytes),
    restore: (stored) => {
      state = { ...(stored as JsonObject) }; // written by `state` above
    },
  };
}

/** The state by value, because the node goes on changing it; undefined where it has grown too large to keep. */
function snapshotOf(state: Record<string, Json>, maxBytes: number): Json | undefined {
  const text = JSON.stringify(state);
  return text.length > maxBytes ? undefined : JSON.parse(text);
}

function sinkOperator(node: UserSink, context: NodeContext): SinkOperator {
  let position = 0;
  const call = (): UserSinkContext => ({ ...userContext(context), position });
  return {
    open: async (checkpoint) => {
      if (typeof checkpoint === 'number') position = checkpoint;
    },
    write: async (batch) => {
      await node.write(batch, call());
      position += batch.length;
    },
    checkpoint: async () => position,
    seal: async () => {
      const output = await node.finish?.(call());
      return output === undefined ? { seal: position } : { seal: position, output: output as Json };
    },
    publish: async () => undefined, // at least once: everything was visible when it was written
    close: async () => undefined,
  };
}

function checkedBatch(node: UserNode, records: unknown): Batch {
  if (Array.isArray(records)) return records;
  throw new NodeFailure('NOT_A_BATCH', `${node.nodeType} must give a list of records, not ${records === null ? 'null' : typeof records}`, {
    retryable: false,
  });
}
