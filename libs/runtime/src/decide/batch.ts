import type { Event } from '#core';
import { type CommandPosition, type DecidedEntry, encodeDecided, encodedSize, encodeEvent, type LogRecord, withPosition } from '#protocol';
import { isRemembered } from '../dedupe/answer-memory.js';
import type { Elsewhere } from '../intake/placement.js';
import { type MailInput, workflowOf } from '../mailbox/inputs.js';
import type { CommandAnswer } from '../ports/snapshot-store.js';
import type { Overlay } from './overlay.js';
import type { Change, Verdict } from './verdict.js';

/** An input with what it came to. */
export interface DecidedInput {
  readonly input: MailInput;
  readonly events: readonly Event[];
  /** Offset of its first event, where the append lands as expected. */
  readonly firstOffset: number;
  readonly answer: CommandAnswer | undefined;
  /** To be remembered as a first answer. */
  readonly entry: DecidedEntry | undefined;
  readonly releases: string | undefined;
  /** The command is decided there. */
  readonly elsewhere?: Elsewhere;
}

/** One append in the making (group commit): whole decisions only, stamped with the offsets they will get (L2, L3). */
export class Batch {
  readonly decided: DecidedInput[] = [];
  readonly #records: LogRecord[] = [];
  readonly #entries: DecidedEntry[] = [];
  #bytes = 0;
  #mustAppend = false;

  constructor(
    readonly baseOffset: number,
    readonly epoch: string,
    readonly overlay: Overlay,
  ) {}

  get bytes(): number {
    return this.#bytes;
  }

  get nextOffset(): number {
    return this.baseOffset + this.#records.length;
  }

  /** Encodes a change as it would stand next in this batch. */
  encode(change: Change, cause: Extract<Verdict, { kind: 'changed' }>['cause']): { records: readonly LogRecord[]; bytes: number } {
    let bytes = 0;
    const records = change.events.map((event, index) => {
      const record = encodeEvent(event, { epoch: this.epoch, offset: this.nextOffset + index }, index === 0 ? cause : undefined);
      bytes += encodedSize(record);
      return record;
    });
    return { records, bytes };
  }

  /** Takes a decision that changes state. */
  addChange(input: MailInput, verdict: Extract<Verdict, { kind: 'changed' }>, encoded: ReturnType<Batch['encode']>): void {
    const { change, cause, answer } = verdict;
    const entry = cause && { ...cause, ...(answer?.ok ? { result: answer.result } : {}) };
    this.decided.push({ input, events: change.events, firstOffset: this.nextOffset, answer, entry, releases: undefined });
    for (const record of encoded.records) this.#records.push(record);
    this.#bytes += encoded.bytes;
    this.#mustAppend = true;
    this.#speculate(input, change);
    if (input.kind === 'command' && cause && answer) this.#rememberAnswer(input, cause.commandHash, answer);
  }

  /** Takes an input that changes no state; `answered` ones and settled offsets still need an append (L8). */
  addUnchanged(input: MailInput, verdict: Extract<Verdict, { kind: 'answered' }> | undefined, mustAppend: boolean): void {
    const { answer, entry, releases } = verdict ?? {};
    this.decided.push({ input, events: [], firstOffset: this.nextOffset, answer, entry, releases });
    if (entry) {
      this.#entries.push(entry);
      this.#bytes += 60 + 2 * JSON.stringify(entry).length;
    }
    this.#mustAppend ||= mustAppend;
    if (input.kind === 'command' && answer && entry && isRemembered(answer)) {
      this.overlay.answers.set(entry.commandId, { commandHash: entry.commandHash, answer });
    }
  }

  /** Takes a command that another partition decides. */
  addElsewhere(input: MailInput, elsewhere: Elsewhere): void {
    this.decided.push({
      input,
      events: [],
      firstOffset: this.nextOffset,
      answer: undefined,
      entry: undefined,
      releases: undefined,
      elsewhere,
    });
  }

  /** Whether anything of it must reach the log. */
  get mustAppend(): boolean {
    return this.#mustAppend;
  }

  /** Its records with the intake position on the last one (L7). */
  seal(position: CommandPosition): readonly LogRecord[] {
    const records = this.#records.slice();
    if (this.#entries.length > 0 || records.length === 0)
      records.push(encodeDecided(this.#entries, { epoch: this.epoch, offset: this.baseOffset + records.length }));
    const last = records.pop();
    if (last !== undefined) records.push(withPosition(last, position));
    return records;
  }

  #speculate(input: MailInput, { events, workflow, execution }: Change): void {
    const workflowId = workflowOf(input);
    for (const event of events) {
      if (event.executionId === undefined) this.overlay.workflows.set(event.workflowId, workflow);
      else this.overlay.executions.set(`${workflowId}/${event.executionId}`, execution);
    }
  }

  #rememberAnswer(input: Extract<MailInput, { kind: 'command' }>, commandHash: string, answer: CommandAnswer): void {
    const { commandId } = input.command;
    this.overlay.answers.set(commandId, { commandHash, answer });
    if (input.command.type === 'ExecuteWorkflow' && input.executionKey !== undefined)
      this.overlay.origins.set(input.executionKey, { commandId, commandHash });
  }
}
