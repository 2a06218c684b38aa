import { setTimeout as delay } from 'node:timers/promises';
import type { BenchCluster } from './bench-cluster.js';

/** What the only engine says of its memory, and how many entities it holds there. */
export interface EngineMemory {
  readonly rssMiB: number;
  readonly heapMiB: number;
  readonly hotEntities: number;
}

interface Stats {
  readonly members: readonly { readonly rssBytes: number | null; readonly heapBytes: number | null }[];
}

interface Shards {
  readonly shards: readonly { readonly hotEntities: number | null }[];
}

const mib = (bytes: number | null | undefined) => Math.round(((bytes ?? 0) / 2 ** 20) * 10) / 10;

/** From `cluster/stats` and `cluster/shards`, live. */
export async function engineMemory({ client }: BenchCluster): Promise<EngineMemory> {
  const stats = (await client.get('/api/v1/cluster/stats')) as unknown as Stats;
  const { shards } = (await client.get('/api/v1/cluster/shards')) as unknown as Shards;
  const hotEntities = shards.reduce((sum, shard) => sum + (shard.hotEntities ?? 0), 0);
  return { rssMiB: mib(stats.members[0]?.rssBytes), heapMiB: mib(stats.members[0]?.heapBytes), hotEntities };
}

/** Waits until idle entities have left memory, at most `withinMs`; returns what is there then. */
export async function whenPassivated(bench: BenchCluster, withinMs: number): Promise<EngineMemory & { passivatedMs: number }> {
  const started = performance.now();
  for (;;) {
    const memory = await engineMemory(bench);
    const passivatedMs = Math.round(performance.now() - started);
    if (memory.hotEntities <= 20 || passivatedMs > withinMs) return { ...memory, passivatedMs };
    await delay(500);
  }
}

/** Memory for each of `count` executions, in KiB, from a growth of `what`; null when there were none to share it. */
export function kibPerExecution(before: EngineMemory, after: EngineMemory, what: 'rssMiB' | 'heapMiB', count: number): number | null {
  if (count <= 0) return null;
  return Math.round(((after[what] - before[what]) * 1_024 * 100) / count) / 100;
}
