import type { JsonObject } from '#core';
import { numberSetting, settingOr } from '../api/config-values.js';
import { countedSource } from '../api/counted-source.js';
import type { SourceNode } from '../api/data-node.js';
import { integerBetween, seededRandom } from './seeded-random.js';

/** `count` random integers between `min` and `max`, both included; the same ones for the same seed, and after a resume. */
export const randomNumbers: SourceNode = {
  nodeType: 'random.numbers',
  kind: 'source',
  displayName: 'Random numbers',
  icon: 'dice',
  category: 'generate',
  description: 'Random integers between two bounds, both included.',
  configSchema: {
    type: 'object',
    properties: {
      count: { type: 'integer', title: 'How many', default: 100, minimum: 0 },
      min: { type: 'integer', title: 'Smallest', default: 1 },
      max: { type: 'integer', title: 'Largest', default: 100 },
      seed: { type: ['number', 'string'], title: 'Seed' },
    },
  },
  checkConfig: (config: JsonObject) =>
    numberSetting(config, 'min') > numberSetting(config, 'max')
      ? [{ path: 'max', code: 'OUT_OF_RANGE', message: '`max` must not be less than `min`' }]
      : [],
  create(context) {
    const { config, executionId, nodeId } = context;
    const random = seededRandom(String(settingOr(config, 'seed', `${executionId}/${nodeId}`)));
    const min = numberSetting(config, 'min');
    const max = numberSetting(config, 'max');
    return countedSource(context, numberSetting(config, 'count'), (index) => integerBetween(random.fraction(index), min, max));
  },
};
