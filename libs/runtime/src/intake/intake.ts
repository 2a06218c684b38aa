import { commandHeaders, type RawRecord } from '#protocol';
import type { PartitionContext } from '../control/context.js';
import { StoppedError } from '../control/waiting.js';
import type { Route, SettledInput } from '../mailbox/inputs.js';
import type { Mailbox } from '../mailbox/mailbox.js';
import type { Deliveries } from '../outbox/deliveries.js';
import type { CommandSubscription } from '../ports/command-log.js';
import { checkCommandStart } from '../recovery/command-start.js';
import type { CommandProgress } from './command-progress.js';
import { Delivery } from './delivery.js';
import { partitionToAsk, withSoundRoute } from './placement.js';
import { type ReadCommand, readCommand } from './read-command.js';

export interface IntakeListener {
  /** Something new stands in the mailbox. */
  arrived(): void;
  /** Records that a recovery would have to read and could be spared: intake slows as they near `maxReplay`. */
  uncovered(): number;
  failed(error: unknown): void;
  /** L11: the position is outside the topic. */
  outOfRange(logStart: number, highWatermark: number): void;
  /** The broker was out of sight, and may be another one than before, or have less than before. */
  unseen(): void;
}

/** Parsing goes on for so long at a time: others have their turn on the loop. */
const sliceMs = 3;
/** Nobody saw the topic for so long: it may have been created anew. */
const unseenMs = 500;
/** How many records are parsed between two looks at the clock. */
const perLook = 16;

const encoder = new TextEncoder();

/** Reads `workflow.commands[p]`: sound commands go to the mailbox, the others where they belong. A poison one blocks nobody. */
export class Intake {
  readonly #rejects: Delivery;
  #subscription: CommandSubscription | undefined;
  /** The one after which the topic is being looked at. */
  #suspect: CommandSubscription | undefined;
  #paused = false;
  #pausedAt = 0;
  /** Fetched and not parsed yet, in order. */
  #unparsed: RawRecord[] = [];
  #readTo = -1;

  constructor(
    readonly context: PartitionContext,
    readonly mailbox: Mailbox,
    readonly progress: CommandProgress,
    readonly forwards: Deliveries,
    readonly listener: IntakeListener,
  ) {
    this.#rejects = new Delivery(context, 'rejecting a command', (error) => listener.failed(error));
  }

  open(): void {
    this.#subscribe(this.progress.next);
  }

  #subscribe(from: number): void {
    const { partition, ports, signal } = this.context;
    let current: CommandSubscription | undefined;
    const stale = () => signal.aborted || (current !== undefined && current !== this.#subscription);
    current = ports.commands.subscribe(partition, from, {
      records: (records, nextOffset) => {
        if (stale()) return;
        this.#readTo = nextOffset;
        this.#take(records);
      },
      interrupted: () => {
        if (!stale()) void this.#lookAgain();
      },
      failed: (error) => {
        if (!stale()) this.listener.failed(error);
      },
      outOfRange: (logStart, highWatermark) => {
        if (!stale()) this.listener.outOfRange(logStart, highWatermark);
      },
    });
    this.#subscription = current;
    this.#paused = false;
    this.#readTo = from;
  }

  /** L11: behind a trouble of reading there may be another topic of that name: nothing more is taken before the place is found again. */
  async #lookAgain(): Promise<void> {
    this.listener.unseen();
    const suspect = this.#subscription;
    if (suspect === undefined || this.#suspect === suspect) return;
    this.#suspect = suspect;
    suspect.close(); // it still tells the lag
    this.#unparsed = [];
    const { readTo } = this.progress;
    try {
      await checkCommandStart(this.context, readTo, true);
      if (this.#subscription !== suspect) return;
      this.#subscribe(readTo.commandOffset + 1);
      this.regulate();
    } catch (error) {
      if (!(error instanceof StoppedError) && this.#subscription === suspect) this.listener.failed(error);
    }
  }

  close(): void {
    this.#subscription?.close();
    this.#subscription = undefined;
    this.#unparsed = [];
  }

  /** Where the topic is read on. */
  get readTo(): number {
    return this.#readTo;
  }

  /** Commands in the topic that are not decided, as far as known. */
  get lag(): number {
    return Math.max(0, (this.#subscription?.highWatermark ?? 0) - this.progress.next);
  }

  /** Bounded mailbox, bounded recovery: pauses the partition's fetch, resumes it when half is worked off. */
  regulate(): void {
    const fullness = this.#fullness();
    if (!this.#paused && fullness >= 1) {
      this.#paused = true;
      this.#pausedAt = this.context.clock.monotonic();
      this.#subscription?.pause();
    } else if (this.#paused && fullness <= 0.5) {
      this.#paused = false;
      if (this.context.clock.monotonic() - this.#pausedAt > unseenMs) void this.#lookAgain();
      else this.#subscription?.resume();
    }
  }

  /** Whether commands wait in the topic until others are worked off. */
  get isPaused(): boolean {
    return this.#paused;
  }

  /** How near the nearest limit is: 1 = there. */
  #fullness(): number {
    const { maxMailbox, maxMailboxBytes, maxDecidedAbove, maxReplay } = this.context.settings;
    const { outstanding, decidedAboveCount } = this.progress;
    // L7: with nothing outstanding the oldest undecided command is still to be read, whatever an earlier owner listed above it
    const above = outstanding === 0 ? 0 : decidedAboveCount;
    const mailbox = Math.max((outstanding + this.#unparsed.length) / maxMailbox, this.mailbox.bytes / maxMailboxBytes);
    return Math.max(mailbox, above / maxDecidedAbove, this.listener.uncovered() / maxReplay);
  }

  #take(records: readonly RawRecord[]): void {
    const goesOn = this.#unparsed.length > 0;
    for (const record of records) this.#unparsed.push(record);
    if (!goesOn) this.#parse();
  }

  #parse(): void {
    const endAt = this.context.clock.monotonic() + sliceMs;
    let parsed = 0;
    try {
      for (const record of this.#unparsed) {
        if (parsed % perLook === perLook - 1 && this.context.clock.monotonic() >= endAt) break;
        parsed += 1;
        if (this.progress.read(record.offset, record.timestamp)) this.#takeOne(record);
      }
    } catch (error) {
      this.#unparsed = [];
      this.listener.failed(error);
      return;
    }
    this.#unparsed = this.#unparsed.slice(parsed);
    if (this.#unparsed.length > 0) this.#parseOn();
    this.regulate();
    this.listener.arrived();
  }

  #parseOn(): void {
    const subscription = this.#subscription;
    this.context.clock.after(0, () => {
      if (!this.context.signal.aborted && subscription === this.#subscription) this.#parse();
    });
  }

  #takeOne(record: RawRecord): void {
    const read = readCommand(record);
    if (!read.ok) {
      this.#reject(record, read);
      return;
    }
    const { partition, settings } = this.context;
    const input = withSoundRoute(read.input, partition, settings.partitions);
    const target = partitionToAsk(input, partition, settings.partitions);
    if (target === partition) this.mailbox.push(input);
    else this.forward(record, target);
  }

  /** librdkafka's default partitioner is not Java's: the command goes where its key says, keeping its commandId. With `route`: it is decided there. */
  forward(record: RawRecord, target: number, route?: Route): void {
    const { ports, partition } = this.context;
    const { headers } = record;
    const marked = route === undefined ? record : { ...record, headers: { ...headers, [commandHeaders.route]: encoder.encode(route) } };
    this.forwards.to(target).enqueue(
      () => ports.commands.forward(marked, partition, target),
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
