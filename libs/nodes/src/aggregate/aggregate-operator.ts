import type { Json, JsonObject } from '#core';
import { namesSetting } from '../api/config-values.js';
import type { NodeContext } from '../api/node-context.js';
import type { Batch, TransformOperator } from '../api/operators.js';
import { type Group, GroupTable } from './group-table.js';

/** What an aggregation computes for each group. */
export interface Aggregation {
  readonly fields: readonly string[];
  readonly numbersOnly: boolean;
  /** The columns after those of groupBy. */
  results(group: Group): JsonObject;
}

const rowsInBatch = 1000;

/** Gathers everything, then gives one record for each group, in the order in which the groups were first seen. */
export function createAggregate(context: NodeContext, aggregation: Aggregation): TransformOperator {
  const table = groupTableOf(context, aggregation);
  return {
    process(batch) {
      addAll(table, batch, context);
      return [];
    },
    *finish() {
      let rows: Json[] = [];
      for (const group of table.all()) {
        rows.push({ ...table.columnsOf(group), ...aggregation.results(group) });
        if (rows.length < rowsInBatch) continue;
        yield rows;
        rows = [];
      }
      yield rows;
    },
    state: () => (table.stateBytes() > context.limits.maxStateBytes ? undefined : table.state()),
    restore: (state) => table.restore(state),
  };
}

export function groupTableOf(context: NodeContext, { fields, numbersOnly }: Pick<Aggregation, 'fields' | 'numbersOnly'>): GroupTable {
  return new GroupTable(namesSetting(context.config, 'groupBy'), fields, numbersOnly);
}

export function addAll(table: GroupTable, batch: Batch, context: NodeContext): void {
  for (let index = 0; index < batch.length; index++) {
    const record = batch[index] ?? null;
    const message = table.add(record);
    if (message !== undefined) context.rejectRecord({ index, message, record });
  }
}

/** Config properties that all aggregations share. */
export const groupByProperty = { type: ['string', 'array'], title: 'Group by', items: { type: 'string' } };
