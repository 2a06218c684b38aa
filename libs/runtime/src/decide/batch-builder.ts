import type { PartitionContext } from '../control/context.js';
import type { AnswerMemory } from '../dedupe/answer-memory.js';
import type { EntityTable } from '../entities/entity-table.js';
import type { CommandProgress } from '../intake/command-progress.js';
import type { CommandInput, MailInput, SignalInput } from '../mailbox/inputs.js';
import type { Mailbox } from '../mailbox/mailbox.js';
import { Batch } from './batch.js';
import { Decider } from './decider.js';
import { Overlay } from './overlay.js';
import type { Readiness } from './readiness.js';
import type { Verdict } from './verdict.js';

/** Limits of one batch; lowered for a while after the broker called an append too large. */
export interface BatchLimits {
  inputs: number;
  bytes: number;
  /** What deciding one batch may take. */
  readonly ms: number;
}

/** So many inputs are taken whatever the time: on a busy machine the clock runs on while nothing is decided. */
const leastInputs = 64;
/** How many inputs are taken between two looks at the clock after that. */
const perLook = 16;

/** What the builder needs besides the context. */
export interface BatchRooms {
  readonly table: EntityTable;
  readonly answers: AnswerMemory;
  readonly mailbox: Mailbox;
  readonly progress: CommandProgress;
  readonly readiness: Readiness;
  /** Whether commands wait for snapshots: recovery must stay bounded. */
  mustHoldCommands(): boolean;
  /** V3: the entity cannot go on. */
  quarantine(key: string, reason: string): void;
}

/** Takes inputs from the mailbox and decides them, one on top of the other, into one batch. */
export class BatchBuilder {
  readonly #decider: Decider;

  constructor(
    readonly context: PartitionContext,
    readonly rooms: BatchRooms,
  ) {
    this.#decider = new Decider(context, rooms.table);
  }

  /** Undefined when nothing can be decided now. */
  build(baseOffset: number, limits: BatchLimits): Batch | undefined {
    const { mailbox, table, answers } = this.rooms;
    const batch = new Batch(baseOffset, this.context.standing.epoch, new Overlay(table, answers));
    const commandsToo = !this.rooms.mustHoldCommands();
    const endAt = this.context.clock.monotonic() + limits.ms;
    for (let taken = 1; batch.decided.length < limits.inputs; taken += 1) {
      const isTimeUp = taken % perLook === 0 && batch.decided.length >= leastInputs && this.context.clock.monotonic() >= endAt;
      if (isTimeUp) break;
      const input = mailbox.next(commandsToo);
      if (input === undefined) break;
      if (!this.#take(batch, input, limits)) {
        mailbox.untake(input);
        break;
      }
    }
    return batch.decided.length === 0 ? undefined : batch;
  }

  /** False when the batch is full and the input must wait for the next. */
  #take(batch: Batch, input: MailInput, limits: BatchLimits): boolean {
    const { mailbox, readiness } = this.rooms;
    switch (input.kind) {
      case 'command':
        if (!readiness.isReadyForCommand(input, batch.overlay) || mailbox.mustQueue(input)) return this.#park(input);
        if (!this.rooms.progress.mayDecide(input.offset, this.context.settings.maxDecidedAbove)) return this.#setAside(input);
        return this.#place(batch, input, this.#decider.command(input, batch.overlay), limits);
      case 'signal':
        if (!readiness.isReadyForSignal(input)) return this.#park(input);
        return this.#place(batch, input, this.#decider.signal(input, batch.overlay), limits);
      case 'settled':
        this.rooms.progress.deciding(input.offset);
        batch.addUnchanged(input, undefined, true);
        return true;
      case 'probe':
        batch.addUnchanged(input, undefined, true);
        return true;
    }
  }

  #park(input: MailInput): true {
    this.rooms.mailbox.park(input);
    return true;
  }

  /** L7: at most so many may be decided above one that waits. */
  #setAside(input: CommandInput): true {
    this.rooms.mailbox.setAside(input);
    return true;
  }

  #place(batch: Batch, input: CommandInput | SignalInput, verdict: Verdict, limits: BatchLimits): boolean {
    if (verdict.kind === 'elsewhere') {
      batch.addElsewhere(input, verdict.elsewhere);
      return true;
    }
    if (verdict.kind === 'changed') {
      const encoded = batch.encode(verdict.change, verdict.cause);
      if (encoded.bytes > limits.bytes) return this.#placeTooLarge(batch, input, encoded.bytes, limits);
      if (batch.bytes + encoded.bytes > limits.bytes) return false; // L3: whole decisions, cut between them
      batch.addChange(input, verdict, encoded);
    } else if (verdict.kind === 'broken' && input.kind === 'signal') {
      this.rooms.quarantine(input.entityKey, verdict.reason);
      batch.addUnchanged(input, undefined, false);
    } else {
      batch.addUnchanged(input, verdict.kind === 'answered' ? verdict : undefined, input.kind === 'command' && this.#mustAppend(verdict));
    }
    if (input.kind === 'command') this.rooms.progress.deciding(input.offset);
    return true;
  }

  #mustAppend(verdict: Verdict): boolean {
    return this.context.rules.refusalsAppended || verdict.kind !== 'answered'; // L8
  }

  #placeTooLarge(batch: Batch, input: CommandInput | SignalInput, bytes: number, limits: BatchLimits): boolean {
    if (input.kind === 'command') return this.#place(batch, input, this.#decider.tooLarge(input, bytes), limits);
    const smaller = withoutPayload(input, bytes, limits.bytes);
    if (smaller !== undefined) return this.#place(batch, smaller, this.#decider.signal(smaller, batch.overlay), limits);
    this.rooms.quarantine(input.entityKey, `PAYLOAD_TOO_LARGE: a decision of ${bytes} bytes does not fit into one append`);
    batch.addUnchanged(input, undefined, false);
    return true;
  }
}

/** A report that is too large to be recorded becomes a failed attempt; undefined where it is one already. */
function withoutPayload(input: SignalInput, bytes: number, limit: number): SignalInput | undefined {
  const { signal } = input;
  if (signal.type !== 'NodeOutcomeReported' && signal.type !== 'NodeProgressReported') return undefined;
  if (signal.type === 'NodeOutcomeReported' && signal.outcome.status === 'failed') return undefined;
  const { workflowId, executionId, now, unitId, attempt } = signal;
  const message = `the result of ${unitId} leads to ${bytes} bytes of events; at most ${limit} fit into one append`;
  const outcome = { status: 'failed', error: { code: 'PAYLOAD_TOO_LARGE', message, retryable: false } } as const;
  const { settled } = input;
  // a checkpoint that could not be recorded is lost, whatever the failure in its place changed
  const told = settled && signal.type === 'NodeProgressReported' ? { settled: () => settled(false) } : {};
  return { ...input, ...told, signal: { type: 'NodeOutcomeReported', workflowId, executionId, now, unitId, attempt, outcome } };
}
