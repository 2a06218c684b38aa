import { defaultStageLimits, type StageLimits } from '../stage-spec.js';

/** How stages are run on an engine. */
export interface StageRunnerSettings {
  /** Stages at the same time (`MILLRACE_STAGE_CONCURRENCY`). */
  readonly concurrency: number;
  /** Heap of one stage's thread, MiB (`MILLRACE_STAGE_MEMORY_MB`). */
  readonly memoryMb: number;
  /** Absolute (`MILLRACE_FILES_ROOT`). */
  readonly filesRoot: string;
  /** Users' own nodes (`MILLRACE_NODES_DIR`). */
  readonly nodesDir?: string;
  /** Stages that may wait for a slot; beyond it an attempt fails with RESOURCE_EXHAUSTED. */
  readonly maxWaiting?: number;
  readonly limits?: Partial<Omit<StageLimits, 'memoryMb'>>;
  /** The compiled entry of a stage's thread; by default the one beside this module. */
  readonly threadUrl?: URL;
}

/** Is told what stages do, for metrics. */
export interface StageObserver {
  moved(direction: 'in' | 'out', records: number): void;
  batchTook(durationMs: number, partition: number): void;
}

export const defaultMaxWaiting = 100_000;

export function limitsOf({ memoryMb, limits }: StageRunnerSettings): StageLimits {
  return { ...defaultStageLimits, ...limits, memoryMb };
}
