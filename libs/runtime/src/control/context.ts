import type { KnownRow } from '../checkpoint/known-row.js';
import type { RuntimePorts, RuntimeSettings } from '../runtime-api.js';
import type { RuntimeRules } from '../runtime-rules.js';
import type { ClockSkew } from '../timers/clock-skew.js';
import type { Standing } from './standing.js';
import type { Persistence } from './waiting.js';

/** What every room of one partition shares. */
export interface PartitionContext extends Persistence {
  readonly partition: number;
  readonly ports: RuntimePorts;
  readonly settings: RuntimeSettings;
  readonly rules: RuntimeRules;
  readonly standing: Standing;
  /** The store's checkpoint row as this owner knows it. */
  readonly row: KnownRow;
  /** The broker's time, from the own fence on. */
  readonly skew: ClockSkew;
}
