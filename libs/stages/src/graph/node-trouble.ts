import { CheckpointUnusable } from '#nodes';

/** An error with the node that it happened in. */
export class NodeTrouble extends Error {
  override readonly name = 'NodeTrouble';
  constructor(
    readonly nodeId: string,
    readonly trouble: unknown,
  ) {
    super(`node ${nodeId} failed`);
  }
}

/** Runs a node's work; what it throws is marked with the node. An unusable checkpoint concerns the whole stage and passes. */
export function within<Result>(nodeId: string, work: () => Promise<Result>): Promise<Result>;
export function within<Result>(nodeId: string, work: () => Result | Promise<Result>): Result | Promise<Result>;
export function within<Result>(nodeId: string, work: () => Result | Promise<Result>): Result | Promise<Result> {
  try {
    const result = work();
    return result instanceof Promise ? result.catch((error: unknown) => rethrow(nodeId, error)) : result;
  } catch (error) {
    return rethrow(nodeId, error);
  }
}

function rethrow(nodeId: string, error: unknown): never {
  throw error instanceof NodeTrouble || error instanceof CheckpointUnusable ? error : new NodeTrouble(nodeId, error);
}
