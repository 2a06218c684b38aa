import type { Ledger } from './callers/ledger.js';
import type { Watcher } from './callers/watcher.js';
import type { History } from './checker/history.js';
import type { FaultInjector } from './faults/fault-injector.js';
import type { FaultLog } from './faults/fault-log.js';
import type { DrawnWorkflow } from './program/drawn-workflow.js';
import type { ChaosWorld } from './world/chaos-world.js';
import type { Vitals } from './world/vitals.js';

export interface ChaosOptions {
  readonly seed: number;
  readonly minutes: number;
  /** Default 8. */
  readonly callers?: number;
  readonly onProgress: (line: string) => void;
}

/** What a run leaves for its judge: what was asked and answered, what the log says, what went wrong when. */
export interface RunEvidence {
  readonly options: ChaosOptions;
  readonly startedAt: number;
  readonly world: ChaosWorld;
  readonly ledger: Ledger;
  readonly history: History;
  readonly watcher: Watcher;
  readonly faults: FaultLog;
  readonly injector: FaultInjector;
  readonly vitals: Vitals;
  /** Every definition that was drawn, by workflow id, in the order of its versions. */
  readonly workflows: ReadonlyMap<string, readonly DrawnWorkflow[]>;
}
