import type { RawRecord } from '#protocol';
import {
  type CancelTimer,
  type Clock,
  type CommandListener,
  type CommandLog,
  type CommandSubscription,
  type OwnCommand,
  type RejectedCommand,
  TransientError,
} from '#runtime';
import type { CommandTopic } from './command-topic.js';
import { later } from './virtual-clock.js';

/** What happens on the way; every field is asked anew at every use. */
export interface CommandFaults {
  /** Until a batch reaches its listener; undefined = the broker is away, ask again later. */
  deliverMs(partition: number): number | undefined;
  batchSize(): number;
  /** `lost`: not written. `unheard`: written, but the answer is an error. */
  write(kind: 'reject' | 'forward'): { readonly delayMs: number; readonly outcome: 'written' | 'lost' | 'unheard' };
  boundsFail(): boolean;
}

export const faultlessCommands: CommandFaults = {
  deliverMs: () => 0,
  batchSize: () => 500,
  write: () => ({ delayMs: 0, outcome: 'written' }),
  boundsFail: () => false,
};

const retryMs = 50;

/** One process's view of the in-memory commands topic. */
export class InMemoryCommandLog implements CommandLog {
  readonly #topic: CommandTopic;
  readonly #clock: Clock;
  readonly #faults: CommandFaults;

  constructor(topic: CommandTopic, clock: Clock, faults: CommandFaults = faultlessCommands) {
    this.#topic = topic;
    this.#clock = clock;
    this.#faults = faults;
  }

  subscribe(partition: number, fromOffset: number, listener: CommandListener): CommandSubscription {
    return new InMemorySubscription(this.#topic, this.#clock, this.#faults, { partition, fromOffset, listener });
  }

  async bounds(partition: number): Promise<{ readonly logStart: number; readonly highWatermark: number }> {
    if (this.#faults.boundsFail()) throw new TransientError('the broker cannot be asked now');
    return this.#topic.bounds(partition);
  }

  reject(command: RejectedCommand): Promise<void> {
    const { partition, code, message, record } = command;
    return this.#write('reject', () => this.#topic.rejected.push({ partition, offset: record.offset, code, message }));
  }

  forward(record: RawRecord, _fromPartition: number, toPartition: number): Promise<void> {
    return this.#write('forward', () => this.#topic.write(toPartition, record));
  }

  send(command: OwnCommand, partition: number): Promise<void> {
    return this.#write('forward', () => this.#topic.produce(command, partition));
  }

  async #write(kind: 'reject' | 'forward', apply: () => void): Promise<void> {
    const { delayMs, outcome } = this.#faults.write(kind);
    if (outcome !== 'lost') apply();
    if (delayMs > 0) await new Promise<void>((resolve) => later(this.#clock, delayMs, resolve));
    if (outcome !== 'written') throw new TransientError(`the ${kind} was not confirmed`);
  }
}

class InMemorySubscription implements CommandSubscription {
  readonly #topic: CommandTopic;
  readonly #clock: Clock;
  readonly #faults: CommandFaults;
  readonly #partition: number;
  readonly #listener: CommandListener;
  readonly #stopListening: () => void;
  #position: number;
  #paused = false;
  #closed = false;
  #pending: CancelTimer | undefined;
  #generation: number;
  #breaks: number;

  constructor(
    topic: CommandTopic,
    clock: Clock,
    faults: CommandFaults,
    from: { readonly partition: number; readonly fromOffset: number; readonly listener: CommandListener },
  ) {
    this.#topic = topic;
    this.#clock = clock;
    this.#faults = faults;
    this.#partition = from.partition;
    this.#position = from.fromOffset;
    this.#generation = topic.generationOf(from.partition);
    this.#breaks = topic.breaksOf(from.partition);
    this.#listener = from.listener;
    this.#stopListening = topic.onWrite(from.partition, () => this.#arm());
    this.#arm();
  }

  get highWatermark(): number {
    return this.#topic.bounds(this.#partition).highWatermark;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#arm();
  }

  close(): void {
    this.#closed = true;
    this.#stopListening();
    this.#pending?.();
  }

  /** A broken connection is seen at once, whatever was on its way; while it is paused nothing is asked for, and nothing seen. */
  #seesBreak(): boolean {
    const breaks = this.#topic.breaksOf(this.#partition);
    if (this.#paused || breaks === this.#breaks) return false;
    this.#breaks = breaks;
    this.#clock.after(0, () => this.#closed || this.#listener.interrupted?.());
    return true;
  }

  #arm(): void {
    if (this.#closed || this.#seesBreak() || this.#paused || this.#pending !== undefined) return;
    const delayMs = this.#faults.deliverMs(this.#partition);
    this.#pending = this.#clock.after(delayMs ?? retryMs, () => {
      this.#pending = undefined;
      const generation = this.#topic.generationOf(this.#partition);
      const isTrouble = delayMs === undefined || generation !== this.#generation;
      this.#generation = generation;
      if (!isTrouble) return this.#deliver();
      this.#arm();
      this.#listener.interrupted?.(); // as a broker answers while a topic is being deleted, or not at all
    });
  }

  #deliver(): void {
    if (this.#closed || this.#paused) return;
    const records = this.#topic.slice(this.#partition, this.#position, this.#faults.batchSize());
    if (records === undefined) {
      const { logStart, highWatermark } = this.#topic.bounds(this.#partition);
      this.close();
      this.#listener.outOfRange(logStart, highWatermark);
      return;
    }
    if (records.length === 0) return;
    this.#position += records.length;
    this.#listener.records(records, this.#position);
    this.#arm();
  }
}
