import type { JsonObject, Problem } from '#core';
import { namesSetting } from '../api/config-values.js';
import type { TransformNode } from '../api/data-node.js';
import { type AggregateFunction, aggregateFunctions } from './accumulator.js';
import { createAggregate, groupByProperty } from './aggregate-operator.js';
import type { Group } from './group-table.js';

const fieldProperty = { type: ['string', 'array'], title: 'Field', items: { type: 'string' } };

/** Functions over fields, by group: `{…groupBy columns, <function>_<field>}`; `count` without a field is the number of records. */
export const aggregate: TransformNode = {
  nodeType: 'aggregate',
  kind: 'transform',
  displayName: 'Aggregate',
  icon: 'sigma',
  category: 'aggregate',
  description: 'Counts, sums, averages, minima and maxima by group.',
  configSchema: {
    type: 'object',
    properties: {
      field: fieldProperty,
      groupBy: groupByProperty,
      functions: { type: ['string', 'array'], title: 'Functions', items: { type: 'string' } },
    },
  },
  checkConfig: checkFunctions,
  create(context) {
    const fields = namesSetting(context.config, 'field');
    const functions = functionsOf(context.config);
    const numbersOnly = functions.includes('sum') || functions.includes('avg');
    return createAggregate(context, { fields, numbersOnly, results: (group) => resultsOf(group, fields, functions) });
  },
};

function resultsOf(group: Group, fields: readonly string[], functions: readonly AggregateFunction[]): JsonObject {
  if (fields.length === 0) return { count: group.records };
  return Object.fromEntries(
    fields.flatMap((field, place) => functions.map((name) => [`${name}_${field}`, group.totals[place]?.result(name) ?? null])),
  );
}

function functionsOf(config: JsonObject): readonly AggregateFunction[] {
  const names = namesSetting(config, 'functions');
  if (names.length > 0) return [...new Set(names.filter(isFunction))];
  return namesSetting(config, 'field').length === 0 ? ['count'] : aggregateFunctions;
}

function checkFunctions(config: JsonObject): Problem[] {
  const names = namesSetting(config, 'functions');
  const unknown = names.filter((name) => !isFunction(name));
  if (unknown.length > 0) {
    const message = `unknown function ${unknown.join(', ')}; there are ${aggregateFunctions.join(', ')}`;
    return [{ path: 'functions', code: 'INVALID_VALUE', message }];
  }
  if (namesSetting(config, 'field').length > 0 || names.every((name) => name === 'count')) return [];
  return [{ path: 'field', code: 'REQUIRED', message: `\`field\` is missing: ${names.join(', ')} of what?` }];
}

function isFunction(name: string): name is AggregateFunction {
  return aggregateFunctions.some((known) => known === name);
}
