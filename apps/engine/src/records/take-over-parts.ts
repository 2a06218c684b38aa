import type { EngineMetrics, Logger } from '#observability';
import type { ClusterRecord } from '#postgres';
import type { Surroundings } from './cause.js';

/** An assignment as the group gave it. `joinMs`: how long it took from the first try to join. */
export interface Assignment {
  readonly generation: number;
  readonly joinMs: number;
  readonly gained: readonly number[];
  readonly kept: readonly number[];
  readonly lost: readonly number[];
}

export interface TakeOversParts {
  readonly metrics: Pick<EngineMetrics, 'failovers' | 'failoverDuration' | 'rebalances' | 'rebalanceDuration'>;
  readonly logger: Logger;
  readonly records: { write(record: ClusterRecord): void };
  readonly surroundings: () => Surroundings;
  /** The instance that owned the partition in this epoch; undefined where that cannot be read. */
  readonly ownerOf: (partition: number, epoch: string) => Promise<string | undefined>;
  readonly now: () => number;
}
