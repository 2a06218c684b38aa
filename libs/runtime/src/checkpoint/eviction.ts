import { type EpochMs, isFinished, wakeAt } from '#core';
import type { Entity } from '../entities/entity.js';
import { isAtWork } from '../entities/entity.js';
import type { EntityTable } from '../entities/entity-table.js';
import type { RuntimeSettings } from '../runtime-api.js';

/** Why an entity may have to stay in memory, besides not being covered by a snapshot. */
export type IsHeld = (key: string) => boolean;

/** Passivation: which covered entities leave memory. Finished ones at once, others when idle. */
export class Eviction {
  constructor(
    readonly table: EntityTable,
    readonly settings: RuntimeSettings,
    readonly isHeld: IsHeld,
  ) {}

  /** Idle, and nothing needs it soon; whether it is covered is another question. */
  isIdle(entity: Entity, now: EpochMs): boolean {
    if (now - entity.usedAt < this.settings.passivateAfterMs || this.isHeld(entity.key)) return false;
    if (entity.kind === 'workflow') return !isAtWork(entity.state);
    const due = wakeAt(entity.state);
    return due === undefined || due > now + 2 * this.settings.wakeAheadMs;
  }

  /** Called for an entity whose snapshot is confirmed as it stands. */
  evictCovered(entity: Entity, now: EpochMs): void {
    const isOver = entity.kind === 'execution' && (isFinished(entity.state) || entity.state.seq === 0);
    if (isOver ? !this.isHeld(entity.key) : this.isIdle(entity, now)) this.table.evict(entity.key);
  }
}
