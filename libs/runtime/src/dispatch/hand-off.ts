import { openAttempts } from '#core';
import type { AppendLoop } from '../append/append-loop.js';
import type { Checkpointer } from '../checkpoint/checkpointer.js';
import type { PartitionContext } from '../control/context.js';
import { pause } from '../control/waiting.js';
import type { EntityTable } from '../entities/entity-table.js';
import type { Intake } from '../intake/intake.js';
import type { SignalInput } from '../mailbox/inputs.js';
import type { TimerRoom } from '../timers/timer-room.js';
import type { DispatchTable } from './dispatch-table.js';
import type { Leftovers } from './leftovers.js';

/** What a leaving owner still needs. */
export interface HandOffRooms {
  readonly table: EntityTable;
  readonly dispatches: DispatchTable;
  readonly leftovers: Leftovers;
  readonly intake: Intake;
  readonly timers: TimerRoom;
  readonly loop: AppendLoop;
  readonly checkpoint: Checkpointer;
}

const maxMs = 5_000;
/** How long attempts may go on to come to their end. Longer, and those of others wait too long for the next owner. */
const graceMs = 100;
/** An outcome that arrives meanwhile may start the next unit, which is to be handed off, too. */
const maxRounds = 3;

/**
 * A leaving owner takes nothing more in, lets short attempts end, and says of the others, as facts, that it has handed them off:
 * they count as no loss, and the next owner knows so. Then it saves its snapshots.
 */
export class HandOff {
  readonly #cut = new AbortController();

  constructor(
    readonly context: PartitionContext,
    readonly rooms: HandOffRooms,
    readonly report: (input: SignalInput) => void,
  ) {}

  /** L5: an append is open, or another owner is there: nothing more is decided. */
  cut(): void {
    this.#cut.abort();
    void this.rooms.loop.hold();
  }

  /** Resolves within five seconds. */
  async run(): Promise<void> {
    const { intake, timers, dispatches } = this.rooms;
    intake.close();
    timers.stop();
    dispatches.startNothing();
    await Promise.race([this.#leave(), pause(this.context.clock, maxMs, this.context.signal)]);
  }

  async #leave(): Promise<void> {
    if (this.context.standing.phase === 'active') await this.#endAttempts();
    await this.rooms.loop.hold();
    await this.rooms.leftovers.whenGone();
    await this.rooms.checkpoint.saveAll();
  }

  async #endAttempts(): Promise<void> {
    const { clock } = this.context;
    const grace = new AbortController();
    void this.rooms.dispatches.whenIdle().then(() => grace.abort());
    await pause(clock, graceMs, grace.signal);
    await Promise.race([this.#handOffAttempts(), aborted(this.#cut.signal)]);
  }

  async #handOffAttempts(): Promise<void> {
    for (let round = 0; round < maxRounds && !this.#cut.signal.aborted; round += 1) {
      const told = this.#tellAll();
      if (told.length === 0) return;
      await Promise.all(told);
    }
  }

  #tellAll(): Promise<void>[] {
    const told: Promise<void>[] = [];
    for (const { key, workflowId, executionId, state, quarantine } of this.rooms.table.executions()) {
      if (quarantine !== undefined) continue;
      for (const { unitId, attempt } of openAttempts(state)) {
        const signal = { type: 'AttemptHandedOff', workflowId, executionId, unitId, attempt, now: this.context.clock.now() } as const;
        told.push(new Promise((resolve) => this.report({ kind: 'signal', signal, entityKey: key, settled: () => resolve() })));
      }
    }
    return told;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
