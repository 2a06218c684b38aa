import { type CommandPosition, highestDecided } from '#protocol';

const none: readonly number[] = [];

interface Outstanding {
  readonly offset: number;
  readonly timestamp: number;
  /** LogAppendTime of the command read before it. */
  readonly timeBefore: number | undefined;
  mark: 'waiting' | 'deciding' | 'decided';
  /** The log says that it is decided, though its input still waits for its reply (L5). */
  inLog: boolean;
}

/**
 * L7: which commands of the partition are decided. `commandOffset` is a low-water mark: everything up to it is decided;
 * what was decided above it, past one that still waits, is listed.
 */
export class CommandProgress {
  readonly #byOffset = new Map<number, Outstanding>();
  /** In offset order, from `#head` on; everything before is decided. */
  #line: Outstanding[] = [];
  #head = 0;
  #decidedInLine = 0;
  #deciding = 0;
  #seenTo = -1;
  /** LogAppendTime of the last command read. */
  #seenTime: number | undefined;
  #isKnown = false;
  /** What the log says, of earlier owners and of appends that landed in doubt. */
  #floor = -1;
  /** The latest of these positions: the highest command that it calls decided, and when that was written. */
  #logged: { readonly offset: number; readonly time: number | undefined } = { offset: -1, time: undefined };
  #skip: Set<number> = new Set();

  /** `lowWater` false is a mutant. */
  constructor(readonly lowWater: boolean = true) {}

  /** Whether log and checkpoint have said where it begins. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** The log is read anew: until then nothing is known. */
  forget(): void {
    this.restart({ commandOffset: -1, decidedAbove: [] });
    this.#isKnown = false;
  }

  /** Begins after the position that log and checkpoint show. */
  restart(start: CommandPosition): void {
    this.#isKnown = true;
    this.#byOffset.clear();
    this.#line = [];
    this.#head = 0;
    this.#decidedInLine = 0;
    this.#deciding = 0;
    this.#seenTo = start.commandOffset;
    this.#seenTime = start.decidedAbove.length === 0 ? start.commandTime : undefined;
    this.#floor = start.commandOffset;
    this.#logged = { offset: highestDecided(start), time: start.commandTime };
    this.#skip = new Set(start.decidedAbove);
  }

  /** A record was read, written at `timestamp` (LogAppendTime). False: an earlier owner decided it; skip it. */
  read(offset: number, timestamp: number): boolean {
    const timeBefore = this.#seenTime;
    if (offset > this.#seenTo) {
      this.#seenTo = offset;
      this.#seenTime = timestamp;
    }
    if (offset <= this.#floor || this.#skip.has(offset)) return false;
    const entry: Outstanding = { offset, timestamp, timeBefore, mark: 'waiting', inLog: false };
    this.#byOffset.set(offset, entry);
    this.#line.push(entry);
    return true;
  }

  /** The next append decides this command. */
  deciding(offset: number): void {
    const entry = this.#byOffset.get(offset);
    if (entry?.mark !== 'waiting') return;
    entry.mark = 'deciding';
    this.#deciding += 1;
  }

  /** That append did not happen. */
  waiting(offset: number): void {
    const entry = this.#byOffset.get(offset);
    if (entry?.mark !== 'deciding') return;
    entry.mark = 'waiting';
    this.#deciding -= 1;
  }

  /** That append is confirmed. */
  decided(offset: number): void {
    const entry = this.#byOffset.get(offset);
    if (entry === undefined || entry.mark === 'decided') return;
    if (entry.mark === 'deciding') this.#deciding -= 1;
    entry.mark = 'decided';
    this.#decidedInLine += 1;
    this.#pop();
  }

  /** L5: the log, read back in doubt, shows this position. */
  sawInLog(position: CommandPosition): void {
    this.#logged = { offset: highestDecided(position), time: position.commandTime };
    this.#floor = Math.max(this.#floor, position.commandOffset);
    for (const offset of position.decidedAbove) this.#skip.add(offset);
    for (const entry of this.#byOffset.values()) entry.inLog ||= entry.offset <= this.#floor || this.#skip.has(entry.offset);
  }

  /** The position to write on an append that decides the commands marked `deciding`. */
  position(): CommandPosition {
    const first = this.#firstWaiting();
    if (!this.lowWater) return { commandOffset: this.#highestDecided(), decidedAbove: none };
    const commandOffset = Math.max(this.#floor, first < 0 ? this.#seenTo : (this.#line[first]?.offset ?? 0) - 1);
    this.#dropPassed(commandOffset);
    const isPlain = this.#skip.size === 0 && (first < 0 || first === this.#line.length - 1);
    const decidedAbove = isPlain ? none : this.#above(first, commandOffset);
    const commandTime = this.#timeOf({ commandOffset, decidedAbove }, first);
    return { commandOffset, decidedAbove, ...(commandTime === undefined ? {} : { commandTime }) };
  }

  /** Commands decided, or being decided, past one that waits (bounded by `maxDecidedAbove`). */
  get decidedAboveCount(): number {
    return this.#firstWaiting() < 0 ? this.#skip.size : this.#decidedInLine + this.#deciding + this.#skip.size;
  }

  /** Whether deciding this waiting command keeps `decidedAbove` within the limit; the oldest one never adds to it. */
  mayDecide(offset: number, limit: number): boolean {
    if (this.#decidedInLine + this.#deciding + this.#skip.size < limit) return true;
    // one that the log shows decided already waits for its reply only (L5): it adds nothing either
    return this.#byOffset.get(offset)?.inLog === true || this.#line[this.#firstWaiting()]?.offset === offset;
  }

  /** Commands read and not yet decided. */
  get outstanding(): number {
    return this.#byOffset.size - this.#decidedInLine;
  }

  /** Up to where commands were read, as a position that calls them all decided: to find the place again in the topic (L11). */
  get readTo(): CommandPosition {
    const time = this.#seenTime === undefined ? {} : { commandTime: this.#seenTime };
    return { commandOffset: this.#seenTo, decidedAbove: none, ...time };
  }

  /** The next command to be decided. */
  get next(): number {
    return this.#line[this.#head]?.offset ?? this.#seenTo + 1;
  }

  #pop(): void {
    for (let entry = this.#line[this.#head]; entry?.mark === 'decided'; entry = this.#line[this.#head]) {
      this.#byOffset.delete(entry.offset);
      this.#decidedInLine -= 1;
      this.#head += 1;
    }
    if (this.#head > 256 && this.#head * 2 > this.#line.length) {
      this.#line = this.#line.slice(this.#head);
      this.#head = 0;
    }
  }

  #firstWaiting(): number {
    for (let i = this.#head; i < this.#line.length; i += 1) {
      const entry = this.#line[i];
      if (entry?.mark === 'waiting' && !entry.inLog) return i;
    }
    return -1;
  }

  /** When the highest command that a position calls decided was written (L11); `first`: where in line the first that waits stands. */
  #timeOf(position: CommandPosition, first: number): number | undefined {
    const highest = highestDecided(position);
    if (highest === this.#logged.offset && this.#logged.time !== undefined) return this.#logged.time;
    if (position.decidedAbove.length > 0) return this.#byOffset.get(highest)?.timestamp;
    return first < 0 ? this.#seenTime : this.#line[first]?.timeBefore; // the last one below the mark
  }

  #above(first: number, commandOffset: number): readonly number[] {
    const offsets = new Set(this.#skip);
    for (let i = first < 0 ? this.#line.length : first + 1; i < this.#line.length; i += 1) {
      const entry = this.#line[i];
      if (entry !== undefined && entry.offset > commandOffset && (entry.mark !== 'waiting' || entry.inLog)) offsets.add(entry.offset);
    }
    return [...offsets].sort((a, b) => a - b);
  }

  /** Offsets that an earlier owner listed and that the mark has passed need no list. */
  #dropPassed(commandOffset: number): void {
    for (const offset of this.#skip) if (offset <= commandOffset) this.#skip.delete(offset);
  }

  #highestDecided(): number {
    let highest = this.#floor;
    for (const entry of this.#line) if (entry.mark !== 'waiting') highest = Math.max(highest, entry.offset);
    return this.#byOffset.size === 0 ? this.#seenTo : highest;
  }
}
