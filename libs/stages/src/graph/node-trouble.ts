import { CheckpointUnusable } from '#nodes';
import type { StageHost } from './stage-host.js';

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

type Whereabouts = Pick<StageHost, 'entered'>;

/** Runs a node's work, in its name; what it throws is marked with the node. An unusable checkpoint concerns the whole stage and passes. */
export function within<Result>(host: Whereabouts, nodeId: string, work: () => Promise<Result>): Promise<Result>;
export function within<Result>(host: Whereabouts, nodeId: string, work: () => Result | Promise<Result>): Result | Promise<Result>;
export function within<Result>(host: Whereabouts, nodeId: string, work: () => Result | Promise<Result>): Result | Promise<Result> {
  const before = host.entered(nodeId);
  let result: Result | Promise<Result>;
  try {
    result = work();
  } catch (error) {
    host.entered(before);
    return rethrow(nodeId, error);
  }
  if (result instanceof Promise) return result.finally(() => host.entered(before)).catch((error: unknown) => rethrow(nodeId, error));
  host.entered(before);
  return result;
}

function rethrow(nodeId: string, error: unknown): never {
  throw error instanceof NodeTrouble || error instanceof CheckpointUnusable ? error : new NodeTrouble(nodeId, error);
}
