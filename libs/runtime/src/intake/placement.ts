import type { WorkflowState } from '#core';
import { partitionOf } from '#protocol';
import { type CommandInput, executionIdOf, type Route } from '../mailbox/inputs.js';

/** Where a command is to be decided instead, and what it is marked with on its way there. */
export interface Elsewhere {
  readonly partition: number;
  readonly route: Route;
}

/** The command without a mark that does not count here: anybody can write a header, so it counts only where an engine could have written it. */
export function withSoundRoute(input: CommandInput, here: number, partitions: number): CommandInput {
  return input.route === undefined || isRightlyHere(input, here, partitions) ? input : { ...input, route: undefined };
}

/** The partition whose owner is asked first: that of the record's key, or the one to which another engine has sent it (docs/sharding.md). */
export function partitionToAsk({ route, key }: CommandInput, here: number, partitions: number): number {
  return route === undefined ? partitionOf(key, partitions) : here;
}

function isRightlyHere({ route, command }: CommandInput, here: number, partitions: number): boolean {
  const isHome = partitionOf(command.workflowId, partitions) === here;
  const executionId = executionIdOf(command);
  if (route === 'home') return isHome && executionId !== undefined;
  const isForShard = command.type === 'PlaceShard' || command.type === 'CloseShard' || command.type === 'ReleaseQuarantine';
  return executionId === undefined ? isForShard && !isHome : partitionOf(executionId, partitions) === here;
}

/**
 * Where else the command is to be decided; undefined: here. `local` is the workflow, or its shard, on this partition. A command that has the
 * execution's key is decided on that key's partition whatever happens, so that its first answer is there (dedupe); where the shard is not
 * known yet it goes home once and comes back, behind all that home has to say to the shard. What home has sent is decided: no circles.
 */
export function elsewhereFor(input: CommandInput, local: WorkflowState, here: number, partitions: number): Elsewhere | undefined {
  const { command, key, route } = input;
  const isSpread = local.status !== 'absent' && local.sharding !== undefined;
  if (!isSpread && key === command.workflowId) return undefined;
  const executionId = executionIdOf(command);
  if (executionId === undefined || route === 'shard') return undefined;
  const home = partitionOf(command.workflowId, partitions);
  if (here !== home) return local.status === 'absent' ? { partition: home, route: 'home' } : undefined;
  const target = partitionOf(executionId, partitions);
  return target === here ? undefined : { partition: target, route: 'shard' };
}
