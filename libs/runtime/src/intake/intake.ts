import { partitionOf, type RawRecord } from '#protocol';
import type { PartitionContext } from '../control/context.js';
import type { SettledInput } from '../mailbox/inputs.js';
import type { Mailbox } from '../mailbox/mailbox.js';
import type { CommandSubscription } from '../ports/command-log.js';
import type { CommandProgress } from './command-progress.js';
import { Delivery } from './delivery.js';
import { type ReadCommand, readCommand } from './read-command.js';

export interface IntakeListener {
  /** Something new stands in the mailbox. */
  arrived(): void;
  failed(error: unknown): void;
  /** L11: the position is outside the topic. */
  outOfRange(logStart: number, highWatermark: number): void;
}

/** Reads `workflow.commands[p]`: sound commands go to the mailbox, the others where they belong. A poison one blocks nobody. */
export class Intake {
  readonly #forwards: Delivery;
  readonly #rejects: Delivery;
  #subscription: CommandSubscription | undefined;
  #paused = false;

  constructor(
    readonly context: PartitionContext,
    readonly mailbox: Mailbox,
    readonly progress: CommandProgress,
    readonly listener: IntakeListener,
  ) {
    this.#forwards = new Delivery(context, 'forwarding a command', (error) => listener.failed(error));
    this.#rejects = new Delivery(context, 'rejecting a command', (error) => listener.failed(error));
  }

  open(): void {
    const { partition, ports, signal } = this.context;
    let current: CommandSubscription | undefined;
    const stale = () => signal.aborted || (current !== undefined && current !== this.#subscription);
    current = ports.commands.subscribe(partition, this.progress.next, {
      records: (records) => {
        if (!stale()) this.#take(records);
      },
      outOfRange: (logStart, highWatermark) => {
        if (!stale()) this.listener.outOfRange(logStart, highWatermark);
      },
    });
    this.#subscription = current;
    this.#paused = false;
  }

  close(): void {
    this.#subscription?.close();
    this.#subscription = undefined;
  }

  /** Commands in the topic that are not decided, as far as known. */
  get lag(): number {
    return Math.max(0, (this.#subscription?.highWatermark ?? 0) - this.progress.next);
  }

  /** Bounded mailbox: pauses the partition's fetch, resumes it when half is worked off. */
  regulate(): void {
    const { maxMailbox, maxDecidedAbove } = this.context.settings;
    const { outstanding, decidedAboveCount } = this.progress;
    // L7: with nothing outstanding the oldest undecided command is still to be read, whatever an earlier owner listed above it
    const above = outstanding === 0 ? 0 : decidedAboveCount;
    if (!this.#paused && (outstanding >= maxMailbox || above >= maxDecidedAbove)) {
      this.#paused = true;
      this.#subscription?.pause();
    } else if (this.#paused && outstanding <= maxMailbox / 2 && above <= maxDecidedAbove / 2) {
      this.#paused = false;
      this.#subscription?.resume();
    }
  }

  #take(records: readonly RawRecord[]): void {
    try {
      for (const record of records) if (this.progress.read(record.offset)) this.#takeOne(record);
    } catch (error) {
      this.listener.failed(error);
      return;
    }
    this.regulate();
    this.listener.arrived();
  }

  #takeOne(record: RawRecord): void {
    const read = readCommand(record);
    if (!read.ok) {
      this.#reject(record, read);
      return;
    }
    const target = partitionOf(read.input.command.workflowId, this.context.settings.partitions);
    if (target === this.context.partition) this.mailbox.push(read.input);
    else this.#forward(record, target);
  }

  /** librdkafka's default partitioner is not Java's: the command goes where its workflow lives, keeping its commandId. */
  #forward(record: RawRecord, target: number): void {
    const { ports, partition } = this.context;
    this.#forwards.enqueue(
      () => ports.commands.forward(record, partition, target),
      () => this.#settle(record.offset, undefined),
    );
  }

  #reject(record: RawRecord, read: Extract<ReadCommand, { ok: false }>): void {
    const { ports, partition } = this.context;
    const { code, message, commandId = '', workflowId = '' } = read.problem;
    const reply = { commandId, workflowId, ok: false, error: { code: 'INVALID_COMMAND', message, details: { problem: code } } } as const;
    this.#rejects.enqueue(
      () => ports.commands.reject({ record, partition, code, message }),
      () => this.#settle(record.offset, read.replyTo === undefined ? undefined : { to: read.replyTo, reply }),
    );
  }

  #settle(offset: number, reply: SettledInput['reply']): void {
    this.mailbox.push({ kind: 'settled', offset, reply });
    this.listener.arrived();
  }
}
