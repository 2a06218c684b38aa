import { isFinished, wakeAt } from '#core';
import { fromStore } from '../checkpoint/from-store.js';
import type { PartitionContext } from '../control/context.js';
import { StoppedError } from '../control/waiting.js';
import type { ExecutionEntity } from '../entities/entity.js';
import type { EntityTable } from '../entities/entity-table.js';
import type { SignalInput } from '../mailbox/inputs.js';
import type { CancelTimer } from '../ports/clock.js';
import { WakeHeap } from './wake-heap.js';

const maxFiredAtOnce = 1_000;
const firstPage = 1_000;
const lastPage = 64_000;
const again = 1_000;

export interface TimerRooms {
  readonly table: EntityTable;
  /** Fires: the execution is to be woken. */
  wake(input: SignalInput): void;
  /** In which node its stages are, by unit. */
  whereabouts(executionKey: string): Readonly<Record<string, string>>;
  /** Wants an append, to learn the broker's time again. */
  probe(): void;
  /** These are not in memory and due soon. */
  loadCold(keys: readonly string[]): void;
  failed(error: unknown): void;
}

/** Timers of executions in memory by a heap; those of passivated ones are loaded from the store shortly before they are due. */
export class TimerRoom {
  readonly #heap = new WakeHeap();
  /** A WakeUp of these stands in the mailbox. */
  readonly #fired = new Set<string>();
  #cancelAlarm: CancelTimer | undefined;
  #alarmAt = Number.POSITIVE_INFINITY;
  #cancelPoll: CancelTimer | undefined;

  constructor(
    readonly context: PartitionContext,
    readonly rooms: TimerRooms,
  ) {}

  /** Sets the alarm by the execution's confirmed state. */
  arm(entity: ExecutionEntity): void {
    if (this.#fired.has(entity.key)) return;
    const idle = isFinished(entity.state) || entity.quarantine !== undefined;
    this.#heap.arm(entity.key, idle ? undefined : wakeAt(entity.state));
    this.#setAlarm();
  }

  /** Begins to look for sleepers in the store. */
  start(): void {
    this.#setAlarm();
    this.#armPoll();
  }

  stop(): void {
    this.#cancelAlarm?.();
    this.#cancelAlarm = undefined;
    this.#alarmAt = Number.POSITIVE_INFINITY;
    this.#cancelPoll?.();
    this.#cancelPoll = undefined;
  }

  clear(): void {
    this.stop();
    this.#heap.clear();
    this.#fired.clear();
  }

  /** Keys of the store that must be in memory by `now + wakeAheadMs` and are not. */
  async coldOnesDueSoon(): Promise<readonly string[]> {
    const { partition, ports, settings } = this.context;
    for (let limit = firstPage; ; limit *= 4) {
      const before = this.context.clock.now() + settings.wakeAheadMs;
      const due = await fromStore(this.context, 'looking for timers', () => ports.snapshots.dueBefore(partition, before, limit));
      const cold = due.map(({ key }) => key).filter((key) => !this.rooms.table.has(key));
      // a page full of what is in memory already tells nothing about the rest
      if (due.length < limit || cold.length > 0 || limit >= lastPage) return cold;
    }
  }

  #setAlarm(): void {
    if (this.context.standing.phase !== 'active') return;
    const at = this.#heap.earliest;
    if (at === undefined || (this.#cancelAlarm !== undefined && this.#alarmAt <= at)) return;
    this.#cancelAlarm?.();
    this.#alarmAt = at;
    this.#cancelAlarm = this.context.clock.after(Math.max(0, at - this.context.clock.now()), () => this.#ring());
  }

  /** The wall clock may have been set since the alarm was: due times are its times, a delay is none. */
  #renewAlarm(): void {
    this.#cancelAlarm?.();
    this.#cancelAlarm = undefined;
    this.#setAlarm();
  }

  #ring(): void {
    this.#cancelAlarm = undefined;
    this.#alarmAt = Number.POSITIVE_INFINITY;
    if (this.context.signal.aborted || this.context.standing.phase !== 'active') return;
    if (this.context.skew.isTooLarge) {
      this.rooms.probe();
      this.#alarmAt = this.context.clock.now() + again;
      this.#cancelAlarm = this.context.clock.after(again, () => this.#ring());
      return;
    }
    for (const key of this.#heap.takeDue(this.context.clock.now(), maxFiredAtOnce)) this.#fire(key);
    this.#setAlarm();
  }

  #fire(key: string): void {
    const entity = this.rooms.table.execution(key);
    if (entity === undefined) return;
    const { workflowId, executionId } = entity;
    this.#fired.add(key);
    const stagesAt = this.rooms.whereabouts(key);
    const signal = { type: 'WakeUp', workflowId, executionId, now: this.context.clock.now(), stagesAt } as const;
    this.rooms.wake({ kind: 'signal', signal, entityKey: key, settled: () => this.#woken(key) });
  }

  #woken(key: string): void {
    this.#fired.delete(key);
    const entity = this.rooms.table.execution(key);
    if (entity === undefined) return;
    const due = wakeAt(entity.state);
    const now = this.context.clock.now();
    if (due !== undefined && due <= now && !isFinished(entity.state)) {
      // it fired and is still due (clocks, or an entity whose time is ahead): not in a tight loop
      if (entity.quarantine === undefined) this.#heap.arm(key, now + again);
      this.#setAlarm();
    } else this.arm(entity);
  }

  #armPoll(): void {
    this.#cancelPoll?.();
    this.#cancelPoll = this.context.clock.after(Math.ceil(this.context.settings.wakeAheadMs / 2), () => {
      this.#poll().catch((error: unknown) => {
        if (!(error instanceof StoppedError)) this.rooms.failed(error);
      });
    });
  }

  async #poll(): Promise<void> {
    this.#renewAlarm();
    const cold = await this.coldOnesDueSoon();
    if (this.context.signal.aborted || this.#cancelPoll === undefined) return;
    if (cold.length > 0) this.rooms.loadCold(cold);
    this.#armPoll();
  }
}
