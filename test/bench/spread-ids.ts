import { partitionOf } from '#protocol';

/** Ids of workflows, `perPartition` on each partition: ids decide where a workflow lives. */
export function spreadIds(prefix: string, perPartition: number, partitions = 32): string[] {
  const counts = new Map<number, number>();
  const ids: string[] = [];
  for (let i = 0; ids.length < partitions * perPartition; i += 1) {
    const partition = partitionOf(`${prefix}-${i}`, partitions);
    const count = counts.get(partition) ?? 0;
    if (count >= perPartition) continue;
    counts.set(partition, count + 1);
    ids.push(`${prefix}-${i}`);
  }
  return ids;
}
