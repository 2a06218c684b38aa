import type { PartitionContext } from '../control/context.js';
import { persist } from '../control/waiting.js';

/** The store's row is not the one that this owner knows: what it answers cannot be relied on (L11). */
export class StoreChangedError extends Error {
  override readonly name = 'StoreChangedError';
}

/** Like `persist`, for questions to the store: while one has to be asked again, standing still is not the owner's fault. */
export async function persistInStore<T>(context: PartitionContext, what: string, action: () => Promise<T>): Promise<T> {
  let waits = false;
  const waiting = (reason: string | undefined) => {
    if (!waits) context.standing.storeWait(1);
    waits = true;
    context.waiting(reason);
  };
  const { clock, random, signal } = context;
  try {
    return await persist({ clock, random, signal, waiting }, what, action);
  } finally {
    if (waits) context.standing.storeWait(-1);
  }
}

/**
 * Asks the store, waits while it is away, and looks at the checkpoint row afterwards: a database that was restored, or
 * claimed by another owner, answers with states that are not this owner's. Throws StoreChangedError then, StoppedError when stopped.
 */
export function fromStore<T>(context: PartitionContext, what: string, query: () => Promise<T>): Promise<T> {
  const { partition, ports, row, rules } = context;
  return persistInStore(context, what, async () => {
    const isMine = row.matcher();
    const answer = await query();
    if (rules.sameLog && !isMine(await ports.snapshots.checkpoint(partition))) throw new StoreChangedError(what);
    return answer;
  });
}
