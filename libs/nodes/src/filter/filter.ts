import type { JsonObject } from '#core';
import { textSetting } from '../api/config-values.js';
import type { TransformNode } from '../api/data-node.js';

/** Lets the records through for which a CEL condition is true. A condition that gives anything but true or false rejects the record. */
export const filter: TransformNode = {
  nodeType: 'filter',
  kind: 'transform',
  displayName: 'Filter',
  icon: 'filter',
  category: 'transform',
  description: 'Keeps the records that meet a condition.',
  configSchema: {
    type: 'object',
    properties: { condition: { type: 'string', title: 'Condition', minLength: 1 } },
    required: ['condition'],
  },
  expressionKeys: ['condition'],
  normaliseConfig: (config: JsonObject) =>
    config.condition === undefined && config.expression !== undefined ? { ...config, condition: config.expression } : config,
  create(context) {
    const condition = context.compile(textSetting(context.config, 'condition'));
    return {
      process(batch) {
        return batch.filter((record, index) => {
          const result = condition.evaluateRecord(record, context.scope);
          if (result.ok && typeof result.value === 'boolean') return result.value;
          const message = result.ok ? `the condition gave ${JSON.stringify(result.value)}, not true or false` : result.message;
          context.rejectRecord({ index, message, record });
          return false;
        });
      },
    };
  },
};

/** The old name of `filter` (contract §4a). */
export const filterCondition: TransformNode = { ...filter, nodeType: 'filter.condition' };
