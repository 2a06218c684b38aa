import type { ExecutionState } from '#core';
import type { Group } from './group.js';
import { speaksOfFormerTopic } from './position-check.js';
import type { World } from './world.js';

/** What still keeps the run from rest; nothing once every command is decided and every execution has ended or waits for a signal (I-14). */
export function unrest(world: World, group: Group): string | undefined {
  for (const partition of world.partitions) {
    const reason = partitionUnrest(world, group, partition);
    if (reason !== undefined) return `partition ${partition}: ${reason}`;
  }
  return undefined;
}

function partitionUnrest(world: World, group: Group, partition: number): string | undefined {
  const owner = group.owner(partition);
  const status = owner?.runtimes.get(partition)?.status();
  if (status?.state !== 'active') return `owner ${owner?.instance ?? 'nobody'} is ${status?.state ?? 'not there'}: ${status?.reason ?? ''}`;
  const history = world.checker.history(partition);
  const { commandOffset, decidedAbove } = history.positionAt(Number.POSITIVE_INFINITY);
  const last = history.positions.at(-1);
  if (last !== undefined && speaksOfFormerTopic(partition, last, world.topic))
    return `${owner?.instance} has not found yet that the commands are others`;
  const open = world.topic.all(partition).find(({ offset }) => offset > commandOffset && !decidedAbove.includes(offset));
  if (open !== undefined) return `command ${open.offset} is not decided (${owner?.instance}: ${status.reason ?? 'no reason given'})`;
  for (const { key, kind, state } of history.entities.values()) {
    if ('outbox' in state) return `${key} has messages to send`;
    if (kind !== 'execution' || state.status === 'finished') continue;
    const reason = executionUnrest(state as ExecutionState); // the kind says so
    if (reason !== undefined) return `${key} ${reason}`;
  }
  return undefined;
}

/** I-14: why an unfinished execution may not rest like this; undefined when it waits for a signal. */
function executionUnrest(state: ExecutionState): string | undefined {
  if (!('nodes' in state)) return `is ${state.status}`;
  const open = Object.entries(state.nodes).filter(([, node]) => node.status === 'running' || node.status === 'waiting');
  if (open.length === 0) return 'is unfinished without an open node: no named reason';
  for (const [id, node] of open) {
    if (node.status === 'running') return `runs ${id} attempt ${node.attempt}`;
    if (node.status === 'waiting' && node.kind !== 'signal') return `waits at ${id} for a ${node.kind} until ${node.until}`;
  }
  return undefined;
}
