import type { PartitionContext } from '../control/context.js';
import { persist } from '../control/waiting.js';

/** The store's row is not the one that this owner knows: what it answers cannot be relied on (L11). */
export class StoreChangedError extends Error {
  override readonly name = 'StoreChangedError';
}

/**
 * Asks the store, waits while it is away, and looks at the checkpoint row afterwards: a database that was restored, or
 * claimed by another owner, answers with states that are not this owner's. Throws StoreChangedError then, StoppedError when stopped.
 */
export function fromStore<T>(context: PartitionContext, what: string, query: () => Promise<T>): Promise<T> {
  const { partition, ports, row, rules } = context;
  return persist(context, what, async () => {
    const isMine = row.matcher();
    const answer = await query();
    if (rules.sameLog && !isMine(await ports.snapshots.checkpoint(partition))) throw new StoreChangedError(what);
    return answer;
  });
}
