import type { Json } from '#core';
import { numberSetting } from '../api/config-values.js';
import type { TransformNode } from '../api/data-node.js';
import { CheckpointUnusable } from '../api/failures.js';

/** Gathers records into lists of `batchSize`; each list is one record (`value` in expressions). The last one may be shorter. */
export const batch: TransformNode = {
  nodeType: 'batch',
  kind: 'transform',
  displayName: 'Batch',
  icon: 'boxes',
  category: 'transform',
  description: 'Gathers records into lists of a given size.',
  configSchema: {
    type: 'object',
    properties: { batchSize: { type: 'integer', title: 'Records in a list', default: 100, minimum: 1, maximum: 100_000 } },
  },
  create(context) {
    const size = numberSetting(context.config, 'batchSize');
    let waiting: Json[] = [];
    return {
      process(records) {
        const lists: Json[] = [];
        for (const record of records) {
          waiting.push(record);
          if (waiting.length < size) continue;
          lists.push(waiting);
          waiting = [];
        }
        return lists;
      },
      *finish() {
        if (waiting.length > 0) yield [waiting];
      },
      state: () => waiting.slice(), // the list goes on growing while the checkpoint is on its way
      restore(state) {
        if (!Array.isArray(state)) throw new CheckpointUnusable('the checkpoint holds no waiting records');
        waiting = [...state];
      },
    };
  },
};
