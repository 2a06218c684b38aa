import type { JsonObject } from '#core';
import type { PartitionCounts } from '#projection';
import type { EnginePartition } from '#protocol';
import type { OwnerDirectory } from '../ports/owner-directory.js';
import type { MemberReport } from './cluster-view.js';

/** `cluster/shards` (contract §3): every partition, who owns it, and how it stands. `state` is `unowned` or `unreachable` where no engine can tell. */
export function shardsBody(
  directory: OwnerDirectory,
  reports: readonly MemberReport[],
  counts: ReadonlyMap<number, PartitionCounts>,
): JsonObject {
  const live = new Map<number, EnginePartition>();
  for (const report of reports) for (const partition of report.status?.partitions ?? []) live.set(partition.partition, partition);
  const shards = Array.from({ length: directory.partitions }, (_, shardId) =>
    shardRow(shardId, directory, live.get(shardId), counts.get(shardId)),
  );
  const activeShards = shards.filter((shard) => shard.state === 'active').length;
  return { entityType: 'Workflow', totalShards: directory.partitions, activeShards, shards };
}

function shardRow(
  shardId: number,
  directory: OwnerDirectory,
  live: EnginePartition | undefined,
  counts: PartitionCounts | undefined,
): JsonObject {
  const owner = directory.ownerOf(shardId);
  return {
    shardId,
    location: owner?.address ?? null,
    instance: owner?.instanceId ?? null,
    entityCount: counts?.workflows ?? 0,
    executionCount: counts?.executions ?? 0,
    state: owner === undefined ? 'unowned' : (live?.state ?? 'unreachable'),
    ...(live?.reason === undefined ? {} : { reason: live.reason }),
    lag: live?.lag ?? null,
    epoch: live?.epoch ?? null,
    since: live?.since ?? null,
    hotEntities: live?.hotEntities ?? null,
    executionsRunning: live?.runningExecutions ?? null,
  };
}
