import { type CommandEnvelope, partitionOf } from '#protocol';
import { derivedExecutionId } from '#runtime';
import type { SpreadHints } from '../owners/spread-hints.js';

/** The key of a command's record, and the partition that it decides. */
export interface CommandTarget {
  readonly key: string;
  readonly partition: number;
}

/**
 * Where a command goes: to its workflow's partition, or, where it is about an execution of a workflow that is known to be spread, to that
 * execution's. Without the hint the workflow's owner sends it on: one hop slower.
 */
export function targetOf(command: CommandEnvelope, hints: SpreadHints, partitions: number): CommandTarget {
  const key = keyOf(command, hints);
  return { key, partition: partitionOf(key, partitions) };
}

function keyOf({ type, workflowId, commandId, data }: CommandEnvelope, hints: SpreadHints): string {
  if (!hints.has(workflowId)) return workflowId;
  if (type === 'ExecuteWorkflow') return data.executionId ?? derivedExecutionId(workflowId, commandId);
  return 'executionId' in data && data.executionId !== undefined ? data.executionId : workflowId;
}
