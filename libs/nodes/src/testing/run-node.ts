import type { Json, JsonObject } from '#core';
import { expressionCompiler } from '#expressions';
import type { DataNode, SourceNode, TransformNode } from '../api/data-node.js';
import { describeDataNode } from '../api/descriptor.js';
import type { NodeContext } from '../api/node-context.js';

export interface NodeTrial {
  readonly context: NodeContext;
  readonly rejected: string[];
  readonly logs: string[];
}

/** A context for one node outside of any stage: records are skipped, and what was said is kept. */
export function trialOf(node: DataNode, config: JsonObject, overrides: Partial<NodeContext> = {}): NodeTrial {
  const rejected: string[] = [];
  const logs: string[] = [];
  const context: NodeContext = {
    ...{ executionId: 'e1', workflowId: 'w1', nodeId: 'n1', attempt: 1, epoch: '1.a', scope: {}, filesRoot: '/nonexistent' },
    config: describeDataNode(node).normaliseConfig(config),
    limits: { batchRecords: 10, maxStateBytes: 100_000, memoryMb: 256 },
    signal: new AbortController().signal,
    compile: (text) => {
      const compiled = expressionCompiler.compile(text);
      if (!compiled.ok) throw new TypeError(compiled.message);
      return compiled.expression;
    },
    log: (text) => void logs.push(text),
    rejectRecord: ({ index, message }) => void rejected.push(`${index}: ${message}`),
    ...overrides,
  };
  return { context, rejected, logs };
}

/** All records of a source, from a cursor on, and the cursor after each batch. */
export async function readAll(node: SourceNode, config: JsonObject, cursor?: Json): Promise<{ records: Json[]; cursors: Json[] }> {
  const records: Json[] = [];
  const cursors: Json[] = [];
  for await (const batch of node.create(trialOf(node, config).context).read(cursor)) {
    records.push(...batch.records);
    if (batch.cursor !== undefined) cursors.push(batch.cursor);
  }
  return { records, cursors };
}

/** What a transform makes of batches, its end included; `resumeAfter` batches a second operator goes on from its state. */
export async function transform(
  node: TransformNode,
  config: JsonObject,
  batches: readonly (readonly Json[])[],
  resumeAfter?: number,
): Promise<{ records: Json[]; rejected: readonly string[] }> {
  const { context, rejected } = trialOf(node, config);
  let operator = node.create(context);
  const records: Json[] = [];
  for (const [place, batch] of batches.entries()) {
    if (place === resumeAfter) {
      const state = operator.state?.();
      operator = node.create(context);
      if (state !== undefined) operator.restore?.(structuredClone(state));
    }
    records.push(...(await operator.process(batch)));
  }
  for await (const batch of operator.finish?.() ?? []) records.push(...batch);
  return { records, rejected };
}
