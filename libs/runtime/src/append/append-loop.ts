import type { Event } from '#core';
import type { LogCursor } from '../checkpoint/log-cursor.js';
import type { PartitionContext } from '../control/context.js';
import { Backoff, pause, StoppedError } from '../control/waiting.js';
import type { Batch } from '../decide/batch.js';
import type { BatchBuilder, BatchLimits } from '../decide/batch-builder.js';
import { isLogWhole, lostTail } from '../doubt/log-audit.js';
import type { ColdLoader } from '../entities/cold-loader.js';
import type { CommandProgress } from '../intake/command-progress.js';
import type { Intake } from '../intake/intake.js';
import type { MailInput } from '../mailbox/inputs.js';
import type { Mailbox } from '../mailbox/mailbox.js';
import type { AppendOutcome } from '../ports/partition-log.js';
import { appendRecords } from './append-records.js';
import type { Confirmation } from './confirmation.js';

export interface LoopRooms {
  readonly mailbox: Mailbox;
  readonly builder: BatchBuilder;
  readonly cursor: LogCursor;
  readonly loader: ColdLoader;
  readonly progress: CommandProgress;
  readonly intake: Intake;
  readonly confirmation: Confirmation;
  /** L5. */
  doubt(reason: string): void;
  failed(error: unknown): void;
}

/** Group commit: one append in flight; the next batch gathers meanwhile and is decided on what was confirmed. */
export class AppendLoop {
  readonly #limits: BatchLimits;
  readonly #backoff: Backoff;
  /** Batches that were confirmed, or needed no append. */
  turns = 0;
  #scheduled = false;
  #inFlight: Batch | undefined;
  #held = false;
  #unaudited = false;
  #isAuditing = false;
  #whenIdle: (() => void)[] = [];

  constructor(
    readonly context: PartitionContext,
    readonly rooms: LoopRooms,
  ) {
    this.#limits = { inputs: context.settings.maxBatchInputs, bytes: context.settings.maxAppendBytes, ms: context.settings.maxBatchMs };
    this.#backoff = new Backoff(context.random, 20, 2_000);
  }

  /** Something may be decidable. Runs in a microtask, so that what arrives together is decided together. */
  kick(): void {
    if (this.#scheduled || this.#inFlight !== undefined) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#turn();
    });
  }

  get isAppending(): boolean {
    return this.#inFlight !== undefined;
  }

  /** Whether the batch in flight holds this entity: then it stays in memory. */
  touches(key: string): boolean {
    return this.#inFlight?.overlay.touches(key) ?? false;
  }

  /** Decides nothing more until `resume`; resolves when no append is in flight. */
  hold(): Promise<void> {
    this.#held = true;
    if (this.#inFlight === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenIdle.push(resolve);
    });
  }

  resume(): void {
    this.#held = false;
    this.kick();
  }

  /**
   * L11: before the next append the log is looked at. A broker that comes back may have lost the log's tail, and with a successor's fence
   * in its place an append would land just where it is expected, and count for nobody else.
   */
  auditFirst(): void {
    if (this.context.rules.auditUnseen) this.#unaudited = true;
  }

  /** The mutant of V3: recovery acts on what it reads. */
  actOnReplay(event: Event): void {
    this.rooms.confirmation.reactToReplayed(event);
  }

  #turn(): void {
    if (this.#inFlight !== undefined || this.#held || this.context.signal.aborted || this.context.standing.phase !== 'active') return;
    if (this.#unaudited) {
      this.#audit().catch((error: unknown) => {
        if (!(error instanceof StoppedError)) this.rooms.failed(error);
      });
      return;
    }
    try {
      const batch = this.rooms.builder.build(this.rooms.cursor.nextOffset, this.#limits);
      this.rooms.loader.flush();
      if (batch === undefined) return;
      if (batch.mustAppend) this.#send(batch);
      else this.#settle(batch);
    } catch (error) {
      this.rooms.failed(error); // V3
    }
  }

  async #audit(): Promise<void> {
    if (this.#isAuditing) return;
    this.#isAuditing = true;
    this.#unaudited = false;
    const isWhole = await isLogWhole(this.context, this.rooms.cursor).finally(() => {
      this.#isAuditing = false;
    });
    if (isWhole) this.kick();
    else this.rooms.doubt(lostTail);
  }

  /** Nothing of it needs the log: late reports, timers that changed nothing. */
  #settle(batch: Batch): void {
    this.rooms.confirmation.confirm(batch);
    this.turns += 1;
    this.rooms.mailbox.releaseCommands();
    this.rooms.intake.regulate();
    // not in a microtask: no append stands between this batch and the next, and nobody else would have his turn
    if (!this.rooms.mailbox.isEmpty) this.context.clock.after(0, () => this.kick());
  }

  #send(batch: Batch): void {
    const { rules } = this.context;
    this.#inFlight = batch;
    if (!rules.answerAfterConfirm) this.rooms.confirmation.reply(batch);
    if (!rules.startedBeforeDispatch) this.rooms.confirmation.dispatch(batch);
    this.#append(batch).catch((error: unknown) => this.rooms.failed(error));
  }

  async #append(batch: Batch): Promise<void> {
    const sentAt = this.context.clock.monotonic();
    const position = this.rooms.progress.position();
    const records = batch.seal(position);
    const outcome = await appendRecords(this.context, records);
    if (this.context.signal.aborted) return;
    this.#inFlight = undefined;
    const landed = outcome.status === 'appended' && (outcome.baseOffset === batch.baseOffset || !this.context.rules.continuity);
    if (landed) this.#confirmed(batch, records.length, sentAt, outcome.timestamp);
    else await this.#notConfirmed(batch, outcome);
    const waiting = this.#whenIdle;
    this.#whenIdle = [];
    for (const resolve of waiting) resolve();
  }

  #confirmed(batch: Batch, count: number, sentAt: number, timestamp: number): void {
    const { cursor, progress } = this.rooms;
    const { standing, skew, clock, partition, ports } = this.context;
    skew.observe(sentAt, timestamp);
    standing.confirmedAt = Math.max(standing.confirmedAt, sentAt);
    this.#backoff.reset();
    this.#limits.inputs = this.context.settings.maxBatchInputs;
    cursor.nextOffset = batch.baseOffset + count;
    cursor.position(cursor.nextOffset, progress.position());
    ports.observer.appended(partition, count, batch.bytes, clock.monotonic() - sentAt);
    this.rooms.confirmation.confirm(batch);
    this.turns += 1;
    this.#afterConfirm();
  }

  #afterConfirm(): void {
    this.rooms.mailbox.releaseCommands();
    this.rooms.intake.regulate();
    if (!this.rooms.mailbox.isEmpty) this.kick();
  }

  async #notConfirmed(batch: Batch, outcome: AppendOutcome): Promise<void> {
    this.#putBack(batch);
    const doubt = this.#doubtOf(batch, outcome);
    if (doubt !== undefined) {
      this.rooms.doubt(doubt);
      return;
    }
    if (outcome.status === 'notWritten' && outcome.tooLarge === true) this.#shrink(batch, outcome.message);
    if (outcome.status !== 'appended') this.context.standing.waiting(`append refused: ${outcome.code}: ${outcome.message}`);
    await pause(this.context.clock, this.#backoff.nextMs(), this.context.signal);
    this.context.standing.waiting(undefined);
    this.kick();
  }

  /** L5: whether it is open what happened. */
  #doubtOf(batch: Batch, outcome: AppendOutcome): string | undefined {
    if (outcome.status === 'appended') return `an append landed at ${outcome.baseOffset}, not at ${batch.baseOffset}`;
    return outcome.status === 'unknown' && this.context.rules.doubt ? `${outcome.code}: ${outcome.message}` : undefined;
  }

  /** L6: unconfirmed inputs are decided again, in order. */
  #putBack(batch: Batch): void {
    const inputs: MailInput[] = batch.decided.map(({ input }) => input);
    for (const input of inputs) if (input.kind === 'command' || input.kind === 'settled') this.rooms.progress.waiting(input.offset);
    if (this.context.rules.inputsWait) this.rooms.mailbox.putBack(inputs);
  }

  /** The broker takes less than configured: smaller batches, and a single decision that is still too large is refused. */
  #shrink(batch: Batch, message: string): void {
    if (batch.decided.length > 1) this.#limits.inputs = Math.max(1, Math.floor(batch.decided.length / 2));
    else this.#limits.bytes = Math.max(1_024, batch.bytes - 1);
    const fields = { inputs: this.#limits.inputs, bytes: this.#limits.bytes };
    this.context.ports.observer.note(this.context.partition, 'warn', `the broker refused an append as too large: ${message}`, fields);
  }
}
