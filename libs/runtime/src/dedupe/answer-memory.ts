import type { EpochMs } from '#core';
import { mintedAt } from '#protocol';
import type { CommandAnswer, DecidedCommand } from '../ports/snapshot-store.js';
import { SeenFilter } from './seen-filter.js';

const maxCached = 20_000;

/** A first answer, and the hash of the body it was given to. */
export interface FirstAnswer {
  readonly commandHash: string;
  readonly answer: CommandAnswer;
}

/** Refusals that say nothing of the command itself. */
const passing: ReadonlySet<string> = new Set(['STALE_COMMAND', 'RESOURCE_EXHAUSTED']);

/**
 * A refusal for its age is no first answer: the id's memory has ended with the window, and a repeat of the first body must not look
 * like a conflict with this one. Nor is one for a limit: its caller is told to send the same command again later.
 */
export function isRemembered(answer: CommandAnswer): boolean {
  return answer.ok || !passing.has(answer.code);
}

/**
 * First answers to commands: those of this owner in memory until the store has them, then in a bounded cache; older ones
 * are looked up. The filter says without a look-up that a *minted* id (its birth is part of it) was never decided.
 */
export class AnswerMemory {
  readonly #answers = new Map<string, FirstAnswer>();
  readonly #lookedUp = new Set<string>();
  #unsaved = new Map<string, DecidedCommand>();
  #filter: SeenFilter;

  /** `since`: the broker's time of the own fence; `skewMs`: how far clocks may differ. */
  constructor(
    since: EpochMs,
    readonly skewMs: number,
  ) {
    this.#filter = new SeenFilter(since);
  }

  /** A new owner's knowledge begins with its fence: earlier decisions by others are only in log and store. */
  restart(since: EpochMs): void {
    this.#filter = new SeenFilter(since);
  }

  get(commandId: string): FirstAnswer | undefined {
    return this.#answers.get(commandId);
  }

  /** Whether the store must be asked before a command with this id can be called new. */
  needsLookUp(commandId: string): boolean {
    return !this.#answers.has(commandId) && !this.#lookedUp.has(commandId) && !this.isSurelyNew(commandId);
  }

  /**
   * A minted id that was born after this owner began, and is not in the filter, was never decided: nobody decides an id
   * born more than the clock skew after the broker got it (`isFromTheFuture`), so every decision about it was ours. Twice the skew,
   * because the earlier owner's clock and the one that minted may be off in opposite ways.
   */
  isSurelyNew(commandId: string): boolean {
    const born = mintedAt(commandId);
    return born !== undefined && born > this.#filter.since + 2 * this.skewMs && !this.#filter.mayContain(commandId);
  }

  /** `writtenAt`: the broker's time of the command, by the clock that dates fences, too. */
  isFromTheFuture(commandId: string, writtenAt: EpochMs): boolean {
    const born = mintedAt(commandId);
    return born !== undefined && born > writtenAt + this.skewMs;
  }

  /** What the store knew of an id; undefined = nothing. */
  lookedUp(commandId: string, found: DecidedCommand | undefined): void {
    if (found === undefined) this.#lookedUp.add(commandId);
    else if (!this.#answers.has(commandId)) this.#cache(commandId, found);
  }

  /** An id was decided whose memory is the execution it started. */
  saw(commandId: string, now: EpochMs): void {
    this.#filter.add(commandId, now);
    this.#lookedUp.delete(commandId);
  }

  /** A confirmed first answer, to be stored with the next checkpoint. The first one stays. */
  remember(command: DecidedCommand, now: EpochMs): void {
    if (!isRemembered(command.answer)) return;
    this.saw(command.commandId, now);
    if (this.#answers.has(command.commandId)) return;
    this.#cache(command.commandId, command);
    this.#unsaved.set(command.commandId, command);
  }

  /** What the store does not have yet. */
  unsaved(): readonly DecidedCommand[] {
    return [...this.#unsaved.values()];
  }

  saved(commands: readonly DecidedCommand[]): void {
    for (const { commandId } of commands) this.#unsaved.delete(commandId);
    this.#trim();
  }

  get unsavedCount(): number {
    return this.#unsaved.size;
  }

  clear(): void {
    this.#answers.clear();
    this.#lookedUp.clear();
    this.#unsaved = new Map();
  }

  #cache(commandId: string, { commandHash, answer }: FirstAnswer): void {
    this.#answers.set(commandId, { commandHash, answer });
    this.#lookedUp.delete(commandId);
  }

  #trim(): void {
    for (const commandId of this.#answers.keys()) {
      if (this.#answers.size <= maxCached) return;
      if (!this.#unsaved.has(commandId)) this.#answers.delete(commandId);
    }
  }
}
