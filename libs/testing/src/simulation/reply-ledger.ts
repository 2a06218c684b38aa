import { resultOf } from '#core';
import type { ProducedCommand, SentReply } from '../memory/index.js';
import type { Complaint, DecisionEntry } from './partition-history.js';

interface CommandBody {
  readonly commandId: string;
  readonly type: string;
  readonly data: unknown;
}

interface Told {
  readonly answer: string;
  readonly ok: boolean;
  readonly commandId: string;
  readonly poison: boolean;
}

/** What callers were told, held against the history and against itself. */
export class ReplyLedger {
  readonly #bodies = new Map<string, CommandBody>();
  readonly #told = new Map<string, Told>();
  readonly #complain: Complaint;
  #sequence = 0;

  constructor(complain: Complaint) {
    this.#complain = complain;
  }

  /** A record goes onto the commands topic: its replies carry its correlation id. */
  produced(record: ProducedCommand): void {
    const correlation = record.headers?.['correlation-id'];
    const body = bodyOf(record.value);
    if (correlation !== undefined && body !== undefined) this.#bodies.set(correlation, body);
  }

  /** A caller hears an answer; `decisions` is what the log says of the command at that moment. */
  replied({ address, reply }: SentReply, decisions: readonly DecisionEntry[]): void {
    this.#sequence += 1;
    const body = this.#bodies.get(address.correlationId ?? '');
    if (body === undefined) return; // an answer to poison: it has no command to be held against
    const told = reply.ok ? `ok ${JSON.stringify(reply.result)}` : `refused ${reply.error.code}`;
    const conflict = !reply.ok && reply.error.code === 'COMMAND_CONFLICT';
    if (!conflict && told !== 'refused STALE_COMMAND') this.#checkHistory(reply.commandId, told, reply, decisions);
    // Past the dedupe window a first answer is forgotten; what is held then is that the command takes no effect (I-04).
    // A refusal for a limit is none: the same command may be accepted later.
    if (told === 'refused STALE_COMMAND' || told === 'refused RESOURCE_EXHAUSTED') return;
    const identity = `${reply.commandId} ${JSON.stringify([body.type, body.data])}`;
    const before = this.#told.get(identity);
    if (before !== undefined && before.answer !== told) {
      this.#complain('I-07', `${reply.commandId} was told "${before.answer}", then "${told}"`);
    }
    this.#told.set(identity, { answer: told, ok: reply.ok, commandId: reply.commandId, poison: false });
  }

  /** I-24: nothing that was acknowledged has gone. */
  checkEnd(decisionsOf: (commandId: string) => readonly DecisionEntry[]): void {
    for (const { ok, commandId, answer } of this.#told.values()) {
      if (ok && decisionsOf(commandId).length === 0) this.#complain('I-24', `${commandId} was told "${answer}" and is not in the history`);
      if (!ok && !answer.endsWith('COMMAND_CONFLICT') && decisionsOf(commandId).some(isEffect)) {
        this.#complain('I-06', `${commandId} was told "${answer}" but the history has its effect`);
      }
    }
  }

  /** The log has lost its tail: what was said about it can no longer be held against anybody. */
  forget(): void {
    this.#told.clear();
  }

  get answered(): number {
    return this.#sequence;
  }

  #checkHistory(commandId: string, told: string, reply: SentReply['reply'], decisions: readonly DecisionEntry[]): void {
    const effect = decisions.find(isEffect);
    if (decisions.length === 0) this.#complain('I-06', `${commandId} was told "${told}" before the history decides it`);
    else if (!reply.ok && effect !== undefined)
      this.#complain('I-06', `${commandId} was told "${told}" but the history has its effect at ${effect.offset}`);
    else if (!reply.ok && !decisions.some((one) => one.code === reply.error.code)) {
      this.#complain(
        'I-06',
        `${commandId} was told "${told}" but the history says ${decisions.map((one) => one.code ?? 'accepted').join(', ')}`,
      );
    } else if (reply.ok && effect === undefined && decisions.every((one) => one.code !== undefined)) {
      this.#complain('I-06', `${commandId} was told "${told}" but the history refuses it`);
    } else if (reply.ok && effect?.event !== undefined && told !== `ok ${JSON.stringify(resultOf(effect.event))}`) {
      this.#complain('I-06', `${commandId} was told "${told}" but its effect says ${JSON.stringify(resultOf(effect.event))}`);
    }
  }
}

function isEffect(entry: DecisionEntry): boolean {
  return entry.kind === 'event';
}

/** The parts of a command that make it the same command; undefined for poison. */
export function bodyOf(value: string | null): CommandBody | undefined {
  if (value === null) return undefined;
  try {
    const body: unknown = JSON.parse(value);
    return isBody(body) ? body : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isBody(body: unknown): body is CommandBody {
  return typeof body === 'object' && body !== null && 'commandId' in body && 'data' in body && 'type' in body;
}
