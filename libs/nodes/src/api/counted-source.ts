import type { Json } from '#core';
import { CheckpointUnusable } from './failures.js';
import type { NodeContext } from './node-context.js';
import type { SourceOperator } from './operators.js';

/** A source of `count` records, each made from its index alone; its cursor is the index of the next one. */
export function countedSource(context: NodeContext, count: number, recordAt: (index: number) => Json): SourceOperator {
  return {
    *read(cursor) {
      const size = context.limits.batchRecords;
      for (let start = startOf(cursor); start < count && !context.signal.aborted; start += size) {
        const end = Math.min(count, start + size);
        const records = Array.from({ length: end - start }, (_, offset) => recordAt(start + offset));
        yield { records, cursor: end };
      }
    },
  };
}

function startOf(cursor: Json | undefined): number {
  if (cursor === undefined) return 0;
  if (typeof cursor !== 'number') throw new CheckpointUnusable('the cursor is not a count');
  return cursor;
}
