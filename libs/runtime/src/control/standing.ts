import type { EpochMs } from '#core';
import type { Clock } from '../ports/clock.js';
import type { PartitionStatus } from '../runtime-api.js';

export type Phase = PartitionStatus['state'];

/** How the partition stands: its phase, the reason for it, its epoch, and when the group last confirmed it. */
export class Standing {
  #phase: Phase = 'recovering';
  #reason: string | undefined;
  #since: EpochMs;
  #waitingFor: string | undefined;
  #storeWaits = 0;
  /** Epoch of the own fence in force. */
  epoch = '';
  readonly #ownFences = new Set<string>();
  /** When ownership was last confirmed by an append or a heartbeat: the monotonic time at which it was sent. */
  confirmedAt = Number.NEGATIVE_INFINITY;

  constructor(readonly clock: Clock) {
    this.#since = clock.now();
  }

  get phase(): Phase {
    return this.#phase;
  }

  get since(): EpochMs {
    return this.#since;
  }

  /** Why it is not simply active: what it waits for, or why it halted. */
  get reason(): string | undefined {
    return this.#waitingFor ?? this.#reason;
  }

  enter(phase: Phase, reason?: string): void {
    this.#phase = phase;
    this.#reason = reason;
    this.#waitingFor = undefined;
    this.#since = this.clock.now();
  }

  /** What it waits for just now; where it has halted or stopped, the reason for that stays. */
  waiting(reason: string | undefined): void {
    if (this.#phase === 'halted' || this.#phase === 'stopped') return;
    this.#waitingFor = reason;
  }

  /** Whether something waits for the store to come back. */
  get waitsForStore(): boolean {
    return this.#storeWaits > 0;
  }

  /** A question to the store is to be asked again, or is answered at last. */
  storeWait(change: 1 | -1): void {
    this.#storeWaits += change;
  }

  /** A fence with this random id was sent; whether it lands is another question. */
  fencing(random: string): void {
    this.#ownFences.add(random);
  }

  /** Whether this runtime itself sent the fence of an epoch. */
  isOwn(epoch: string): boolean {
    return this.#ownFences.has(epoch.slice(epoch.indexOf('.') + 1));
  }

  /** L8: whether an append or heartbeat was confirmed within the last `freshForMs`. */
  isFresh(freshForMs: number): boolean {
    return this.clock.monotonic() - this.confirmedAt <= freshForMs;
  }
}
