import type { JsonObject } from '#core';
import type { PartitionCounts } from '#projection';
import type { EngineMember, OwnerDirectory } from '../ports/owner-directory.js';
import type { MemberReport } from './cluster-view.js';

/** `cluster/shards` (contract §3): every partition, who owns it, and how it stands. `state` is `unowned` or `unreachable` where no engine can tell. */
export function shardsBody(
  directory: OwnerDirectory,
  reports: readonly MemberReport[],
  counts: ReadonlyMap<number, PartitionCounts>,
): JsonObject {
  const shards = Array.from({ length: directory.partitions }, (_, shardId) => {
    const owner = directory.ownerOf(shardId);
    const report = owner && reports.find(({ member }) => member.memberId === owner.memberId);
    return shardRow(shardId, owner, report, counts.get(shardId));
  });
  const activeShards = shards.filter((shard) => shard.state === 'active').length;
  return { entityType: 'Workflow', totalShards: directory.partitions, activeShards, shards };
}

/** What the owner says counts; one that does not know of the partition yet is about to recover it. */
function shardRow(
  shardId: number,
  owner: EngineMember | undefined,
  report: MemberReport | undefined,
  counts: PartitionCounts | undefined,
): JsonObject {
  const live = report?.status?.partitions.find(({ partition }) => partition === shardId);
  const { state, reason } = live ?? stateWithout(owner, report);
  return {
    shardId,
    location: owner?.address ?? null,
    instance: owner?.instanceId ?? null,
    entityCount: counts?.workflows ?? 0,
    executionCount: counts?.executions ?? 0,
    state,
    ...(reason === undefined ? {} : { reason }),
    lag: live?.lag ?? null,
    epoch: live?.epoch ?? null,
    since: live?.since ?? null,
    hotEntities: live?.hotEntities ?? null,
    executionsRunning: live?.runningExecutions ?? null,
  };
}

function stateWithout(owner: EngineMember | undefined, report: MemberReport | undefined): { state: string; reason: string } {
  if (owner === undefined) return { state: 'unowned', reason: 'no engine has it' };
  if (report?.status === undefined) return { state: 'unreachable', reason: `${owner.instanceId} does not answer` };
  return { state: 'recovering', reason: 'it has just been assigned' };
}
