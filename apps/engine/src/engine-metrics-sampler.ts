import type { EngineMetrics } from '#observability';
import type { PartitionStatus } from '#runtime';

const sampleEveryMs = 1_000;

/** Keeps the gauges that describe owned partitions; a partition that has gone is no longer exported (contract §6). */
export class EngineMetricsSampler {
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly metrics: EngineMetrics,
    private readonly statuses: () => readonly PartitionStatus[],
    private readonly members: () => ReadonlyMap<string, number>,
  ) {}

  start(): void {
    this.#timer ??= setInterval(() => this.sample(), sampleEveryMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  sample(): void {
    const { entityCount, partitionLag, shardCount, memberCount, uncovered, stalled } = this.metrics;
    for (const [status, count] of this.members()) memberCount.set({ status }, count);
    for (const gauge of [entityCount, partitionLag, shardCount, uncovered, stalled]) gauge.reset();
    for (const { partition, hotEntities, lag, state, ...status } of this.statuses()) {
      entityCount.set({ partition: String(partition) }, hotEntities);
      partitionLag.set({ partition: String(partition) }, lag);
      uncovered.set({ partition: String(partition) }, status.uncovered);
      stalled.set({ partition: String(partition) }, status.stalledMs / 1_000);
      shardCount.inc({ state });
    }
  }
}
