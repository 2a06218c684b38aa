import { loadUs, type PartitionLoad } from '#kafka';
import type { Logger } from '#observability';
import { LoadDrift } from './load-drift.js';
import { LoadMeter } from './load-meter.js';

const sampleEveryMs = 5_000;
const lookEverySamples = 4;

export interface EngineLoadParts {
  /** Least time between two rebalances that this engine asks for; 0: it reports no load and asks for none. */
  readonly leastIntervalMs: number;
  readonly rejoin: () => void;
  readonly logger: Logger;
}

/** What this engine's partitions cost, for the group's assigner, and when the group should look at it again. */
export class EngineLoad {
  readonly #meter = new LoadMeter();
  readonly #drift: LoadDrift;
  #samples = 0;
  #sampledAt = performance.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: EngineLoadParts) {
    this.#drift = new LoadDrift(parts.leastIntervalMs, this.#sampledAt);
  }

  start(): void {
    if (this.parts.leastIntervalMs === 0) return;
    this.#timer ??= setInterval(() => this.#sample(), sampleEveryMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  appended(partition: number, events: number): void {
    this.#meter.appended(partition, events);
  }

  stageRan(partition: number, durationMs: number): void {
    this.#meter.stageRan(partition, durationMs);
  }

  assigned(change: { readonly gained: readonly number[]; readonly lost: readonly number[] }): void {
    this.#meter.assigned(change);
    this.#drift.assigned(change.gained.length > 0 || change.lost.length > 0);
  }

  /** What the group is told at a join. */
  report(): ReadonlyMap<number, PartitionLoad> {
    if (this.parts.leastIntervalMs === 0) return new Map();
    const loads = this.#meter.loads();
    this.#drift.told(totalOf(loads), performance.now());
    return loads;
  }

  #sample(): void {
    const now = performance.now();
    this.#meter.sample(now - this.#sampledAt);
    this.#sampledAt = now;
    this.#samples += 1;
    if (this.#samples % lookEverySamples !== 0) return;
    const total = totalOf(this.#meter.loads());
    if (!this.#drift.look(total, now)) return;
    this.parts.logger.info({ event: 'load.drifted', busyMsPerSecond: Math.round(total / 1_000) }, 'load has changed: joining again');
    this.parts.rejoin();
  }
}

function totalOf(loads: ReadonlyMap<number, PartitionLoad>): number {
  let total = 0;
  for (const load of loads.values()) total += loadUs(load);
  return total;
}
