import type { Json, JsonObject } from '#core';
import { textSetting } from '../api/config-values.js';
import type { TransformNode } from '../api/data-node.js';

/** Turns each record into the value of a CEL expression: an object is the new record, anything else a bare value. */
export const map: TransformNode = {
  nodeType: 'map',
  kind: 'transform',
  displayName: 'Map',
  icon: 'arrow-right-left',
  category: 'transform',
  description: 'Turns each record into the value of an expression.',
  configSchema: {
    type: 'object',
    properties: { expression: { type: 'string', title: 'Expression', minLength: 1 } },
    required: ['expression'],
  },
  expressionKeys: ['expression'],
  normaliseConfig: (config: JsonObject) =>
    config.expression === undefined && config.transform !== undefined ? { ...config, expression: config.transform } : config,
  create(context) {
    const expression = context.compile(textSetting(context.config, 'expression'));
    return {
      process(batch) {
        const mapped: Json[] = [];
        for (const [index, record] of batch.entries()) {
          const result = expression.evaluateRecord(record, context.scope);
          if (result.ok) mapped.push(result.value);
          else context.rejectRecord({ index, message: result.message, record });
        }
        return mapped;
      },
    };
  },
};

/** The old name of `map` (contract §4a). */
export const mapTransform: TransformNode = { ...map, nodeType: 'map.transform' };
