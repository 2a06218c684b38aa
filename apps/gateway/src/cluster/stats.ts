import type { JsonObject } from '#core';
import type { PartitionCounts } from '#projection';
import type { OwnerDirectory } from '../ports/owner-directory.js';
import type { MemberReport } from './cluster-view.js';

/** What the answer says of this gateway and of the installation. */
export interface ClusterIdentity {
  /** The consumer group. */
  readonly clusterName: string;
  /** `host:port` of this gateway. */
  readonly selfAddress: string;
}

/** `cluster/stats` (contract §3). `leader` is the reachable engine with the lowest address: a name for eyes, it has no duties. */
export function statsBody(
  identity: ClusterIdentity,
  directory: OwnerDirectory,
  reports: readonly MemberReport[],
  counts: ReadonlyMap<number, PartitionCounts>,
): JsonObject {
  const members = reports.map(memberRow);
  const up = reports.filter((report) => report.status !== undefined).map((report) => report.member.address);
  const states = reports.flatMap((report) => report.status?.partitions ?? []).map((partition) => partition.state);
  let totalEntities = 0;
  let totalExecutions = 0;
  for (const count of counts.values()) {
    totalEntities += count.workflows;
    totalExecutions += count.executions;
  }
  return {
    clusterName: identity.clusterName,
    nodeCount: members.length,
    leader: up.sort()[0] ?? null,
    selfAddress: identity.selfAddress,
    selfRoles: ['gateway'],
    members,
    sharding: {
      totalShards: directory.partitions,
      activeShards: states.filter((state) => state === 'active').length,
      totalEntities,
      executionCount: totalExecutions,
    },
  };
}

function memberRow({ member, status }: MemberReport): JsonObject {
  return {
    address: member.address,
    instance: member.instanceId,
    status: status === undefined ? 'Unreachable' : 'Up',
    roles: ['engine'],
    partitions: [...member.partitions],
    cpu: status?.cpu ?? null,
    rssBytes: status?.rssBytes ?? null,
    heapBytes: status?.heapBytes ?? null,
    eventLoopDelayMs: status?.eventLoopDelayMs ?? null,
    executionsRunning: status?.executionsRunning ?? null,
    stageSlots: status === undefined ? null : { ...status.stageSlots },
  };
}
