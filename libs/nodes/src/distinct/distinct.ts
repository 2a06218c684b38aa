import type { Json } from '#core';
import { namesSetting } from '../api/config-values.js';
import type { TransformNode } from '../api/data-node.js';
import { CheckpointUnusable } from '../api/failures.js';
import { fieldOf } from '../api/record-fields.js';

/** Keeps the first record of each kind: of equal records, or of records equal in the fields `by`. */
export const distinct: TransformNode = {
  nodeType: 'distinct',
  kind: 'transform',
  displayName: 'Distinct',
  icon: 'fingerprint',
  category: 'transform',
  description: 'Drops records that were seen before.',
  configSchema: {
    type: 'object',
    properties: { by: { type: ['string', 'array'], title: 'By fields', items: { type: 'string' } } },
  },
  create(context) {
    const by = namesSetting(context.config, 'by');
    let seen = new Set<string>();
    let seenLength = 0;
    return {
      process: (batch) =>
        batch.filter((record) => {
          const key = JSON.stringify(by.length === 0 ? canonical(record) : by.map((field) => fieldOf(record, field) ?? null));
          if (seen.has(key)) return false;
          seen.add(key);
          seenLength += key.length + 3;
          return true;
        }),
      state: () => (seenLength > context.limits.maxStateBytes ? undefined : [...seen]),
      restore(state) {
        if (!Array.isArray(state)) throw new CheckpointUnusable('the checkpoint holds no seen records');
        seen = new Set(state.map(String));
        seenLength = state.reduce((length, key) => length + String(key).length + 3, 0);
      },
    };
  },
};

/** Objects with their keys in order: `{a, b}` and `{b, a}` are the same record. */
function canonical(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(canonical);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, entry]) => [key, canonical(entry)]),
  );
}
