import type { Emit } from './emit.js';

/** What the command line says to every workload. */
export interface WorkloadOptions {
  readonly runs: number;
  /** Overrides the workload's own size: executions, waiters, records or rows. */
  readonly size: number | undefined;
}

/** Prints one line per run; starts what it needs and stops it. */
export type Workload = (emit: Emit, options: WorkloadOptions) => Promise<void>;
