import type { Json, JsonObject } from '#core';
import { namesSetting } from '../api/config-values.js';
import type { SinkNode, TransformNode } from '../api/data-node.js';
import { CheckpointUnusable, NodeFailure } from '../api/failures.js';
import type { NodeContext } from '../api/node-context.js';
import type { SinkOperator } from '../api/operators.js';
import { addAll, createAggregate, groupByProperty, groupTableOf } from './aggregate-operator.js';
import type { Group } from './group-table.js';

const presentation = {
  nodeType: 'aggregate.count',
  displayName: 'Count',
  icon: 'hash',
  category: 'aggregate',
  description: 'Counts records, by group; with a field, those where it is present.',
  configSchema: { type: 'object', properties: { field: { type: 'string', title: 'Field' }, groupBy: groupByProperty } },
} as const;

/** The number of records: `{…groupBy columns, count}`. */
export const aggregateCount: TransformNode = {
  ...presentation,
  kind: 'transform',
  create: (context) => createAggregate(context, { fields: fieldsOf(context.config), numbersOnly: false, results: countOf }),
};

/** At the end of a stage: the node's output is `{count}`, or a list of such by group. */
export const aggregateCountSink: SinkNode = { ...presentation, kind: 'sink', create: createCountSink };

/** Groups that fit into a node's output. */
const maxGroups = 1000;

function createCountSink(context: NodeContext): SinkOperator {
  const table = groupTableOf(context, { fields: fieldsOf(context.config), numbersOnly: false });
  return {
    async open(checkpoint) {
      if (checkpoint !== undefined) restore(checkpoint);
    },
    write: (batch) => addAll(table, batch, context),
    checkpoint: async () => (table.stateBytes() > context.limits.maxStateBytes ? undefined : table.state()),
    seal: async () => ({ seal: null, output: output() }),
    publish: async () => undefined,
    close: async () => undefined,
  };

  function restore(checkpoint: Json): void {
    if (!Array.isArray(checkpoint)) throw new CheckpointUnusable('the checkpoint holds no counts');
    table.restore(checkpoint);
  }

  function output(): Json {
    const rows = [...table.all()].map((group) => ({ ...table.columnsOf(group), ...countOf(group) }));
    if (rows.length > maxGroups)
      throw new NodeFailure('OUTPUT_TOO_LARGE', `${rows.length} groups are more than an output holds; write them to a file`);
    return namesSetting(context.config, 'groupBy').length === 0 ? (rows[0] ?? { count: 0 }) : rows;
  }
}

function fieldsOf(config: JsonObject): readonly string[] {
  return namesSetting(config, 'field');
}

function countOf({ records, totals }: Group): JsonObject {
  return { count: totals[0]?.result('count') ?? records };
}
