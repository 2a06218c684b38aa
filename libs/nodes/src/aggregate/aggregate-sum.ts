import { namesSetting } from '../api/config-values.js';
import type { TransformNode } from '../api/data-node.js';
import { createAggregate, groupByProperty } from './aggregate-operator.js';

/** The sum of a field (of the bare values where none is named): `{…groupBy columns, sum}`. */
export const aggregateSum: TransformNode = {
  nodeType: 'aggregate.sum',
  kind: 'transform',
  displayName: 'Sum',
  icon: 'sigma',
  category: 'aggregate',
  description: 'Adds up a field, by group.',
  configSchema: { type: 'object', properties: { field: { type: 'string', title: 'Field' }, groupBy: groupByProperty } },
  create(context) {
    const [field = 'value'] = namesSetting(context.config, 'field');
    return createAggregate(context, {
      fields: [field],
      numbersOnly: true,
      results: ({ totals }) => ({ sum: totals[0]?.result('sum') ?? 0 }),
    });
  },
};
