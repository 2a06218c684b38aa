import { type EpochMs, type ExecutionState, executionStatusOf } from '#core';

/** What an execution waits for, and since when. */
export interface OldestWait {
  readonly kind: string;
  readonly since: EpochMs;
}

/** The wait of a waiting execution that began first; undefined while anything of it runs, and once it has ended. */
export function oldestWait(state: ExecutionState): OldestWait | undefined {
  if (state.status !== 'running' || executionStatusOf(state) !== 'waiting') return undefined;
  let oldest: OldestWait | undefined;
  for (const node of Object.values(state.nodes))
    if (node.status === 'waiting' && (oldest === undefined || node.since < oldest.since)) oldest = { kind: node.kind, since: node.since };
  return oldest;
}
