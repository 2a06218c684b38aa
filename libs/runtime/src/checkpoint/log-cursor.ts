import type { CommandPosition } from '#protocol';
import type { Checkpoint } from '../ports/snapshot-store.js';

/** How far this owner has followed the log, and what was in force where: kept back to the oldest possible checkpoint. */
export class LogCursor {
  /** Everything below is applied to the entities in memory or in the store. */
  nextOffset = 0;
  #fences: { readonly offset: number; readonly epoch: string }[] = [];
  #positions: { readonly end: number; readonly position: CommandPosition }[] = [];

  /** Begins at a checkpoint. */
  restart({ offset, epochAtOffset, commandOffset, decidedAbove, commandTime }: Checkpoint): void {
    this.nextOffset = offset;
    this.#fences = epochAtOffset === undefined ? [] : [{ offset: offset - 1, epoch: epochAtOffset }];
    this.#positions = [{ end: offset, position: { commandOffset, decidedAbove, ...(commandTime === undefined ? {} : { commandTime }) } }];
  }

  fence(offset: number, epoch: string): void {
    this.#fences.push({ offset, epoch });
  }

  /** The last record of an append, just below `end`, carried this position. */
  position(end: number, position: CommandPosition): void {
    this.#positions.push({ end, position });
  }

  /** The latest epoch; undefined before the first fence. */
  get epoch(): string | undefined {
    return this.#fences.at(-1)?.epoch;
  }

  get latestPosition(): CommandPosition {
    return this.#positions.at(-1)?.position ?? { commandOffset: -1, decidedAbove: [] };
  }

  /** The checkpoint at an offset, whole and as of that offset (L9): replay from it reads every later position again. */
  checkpointAt(offset: number): Checkpoint {
    const epochAtOffset = this.#epochAt(offset);
    return {
      offset,
      ...(epochAtOffset === undefined ? {} : { epochAtOffset }),
      ...this.#positionAt(offset),
      coveredTo: this.nextOffset,
      coveredEpoch: this.#epochAt(this.nextOffset) ?? '',
    };
  }

  /** The checkpoint has moved there: what was in force before is not needed any more. */
  forgetBelow(offset: number): void {
    const fence = this.#fences.findLastIndex((entry) => entry.offset < offset);
    if (fence > 0) this.#fences = this.#fences.slice(fence);
    const position = this.#positions.findLastIndex((entry) => entry.end <= offset);
    if (position > 0) this.#positions = this.#positions.slice(position);
  }

  #epochAt(offset: number): string | undefined {
    return this.#fences.findLast((entry) => entry.offset < offset)?.epoch;
  }

  #positionAt(offset: number): CommandPosition {
    const found = this.#positions.findLast((entry) => entry.end <= offset) ?? this.#positions[0];
    return found?.position ?? { commandOffset: -1, decidedAbove: [] };
  }
}
