import type { Json } from '#core';
import { numberSetting } from '../api/config-values.js';
import type { SinkNode } from '../api/data-node.js';

/** Writes the first `limit` records to the execution's logs, as text or JSON. At least once: a resumed stage may repeat some. */
export const consoleLog: SinkNode = {
  nodeType: 'console.log',
  kind: 'sink',
  displayName: 'Log',
  icon: 'terminal',
  category: 'output',
  description: "Writes records to the execution's logs.",
  configSchema: {
    type: 'object',
    properties: { limit: { type: 'integer', title: 'Rows at most', default: 100, minimum: 0 } },
  },
  create(context) {
    const limit = numberSetting(context.config, 'limit');
    let seen = 0;
    return {
      async open(checkpoint) {
        seen = typeof checkpoint === 'number' ? checkpoint : 0;
      },
      write(batch) {
        for (const record of batch.slice(0, Math.max(0, limit - seen))) context.log(asText(record));
        seen += batch.length;
      },
      checkpoint: async () => seen,
      async seal() {
        if (seen > limit) context.log(`… ${seen - limit} more records (limit ${limit})`);
        return { seal: null };
      },
      publish: async () => undefined,
      close: async () => undefined,
    };
  },
};

function asText(record: Json): string {
  return typeof record === 'string' ? record : JSON.stringify(record);
}
