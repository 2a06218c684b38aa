import type { Holdings } from './holdings.js';

/** One change of an assignment: `given` goes from the heavier member to the lighter one, `taken` comes back for it. */
export interface Step {
  readonly from: number;
  readonly to: number;
  readonly given: number;
  /** Undefined: nothing comes back; only between counts that stay within one. */
  readonly taken: number | undefined;
}

/** An assignment under change, with the load of each member kept beside it. A partition of unknown load counts as the mean of the known. */
export class LoadTable {
  readonly #totals: number[];
  readonly #loads: readonly number[];
  /** Per member, how often its part has changed. */
  readonly #versions: number[];

  constructor(
    readonly holdings: Holdings,
    readonly assigned: number[][],
  ) {
    const known = holdings.loads.filter((load) => load !== undefined);
    const mean = known.length === 0 ? 0 : Math.round(sum(known) / known.length);
    this.#loads = holdings.loads.map((load) => load ?? mean);
    this.#totals = assigned.map((mine) => sum(mine.map((partition) => this.loadOf(partition))));
    this.#versions = assigned.map(() => 0);
  }

  get meanTotal(): number {
    return sum(this.#totals) / this.#totals.length;
  }

  /** Members, the heaviest first. */
  heaviestFirst(): number[] {
    return [...this.#totals.keys()].sort((a, b) => this.totalOf(b) - this.totalOf(a) || a - b);
  }

  partsOf(member: number): readonly number[] {
    return this.assigned[member] ?? [];
  }

  totalOf(member: number): number {
    return this.#totals[member] ?? 0;
  }

  versionOf(member: number): number {
    return this.#versions[member] ?? 0;
  }

  loadOf(partition: number): number {
    return this.#loads[partition] ?? 0;
  }

  /** Whether the load of everything that it is assigned has been measured. */
  isKnown(member: number): boolean {
    return this.partsOf(member).every((partition) => this.holdings.loads[partition] !== undefined);
  }

  /** Whether the member is assigned anything that it does not hold already. */
  hasMoving(member: number): boolean {
    return this.partsOf(member).some((partition) => this.holdings.holders[partition] !== member);
  }

  /** How many more partitions are away from their holder after the step; zero or less where no further one moves. */
  extraMoves({ from, to, given, taken }: Step): number {
    const back = taken === undefined ? 0 : this.#away(taken, from) - this.#away(taken, to);
    return this.#away(given, to) - this.#away(given, from) + back;
  }

  apply({ from, to, given, taken }: Step): void {
    const change = this.loadOf(given) - (taken === undefined ? 0 : this.loadOf(taken));
    this.#replace(from, given, taken, -change);
    this.#replace(to, taken, given, change);
  }

  /** 1 where the partition has another holder than this member. */
  #away(partition: number, member: number): number {
    const holder = this.holdings.holders[partition] ?? -1;
    return holder === -1 || holder === member ? 0 : 1;
  }

  #replace(member: number, leaving: number | undefined, coming: number | undefined, change: number): void {
    const others = this.partsOf(member).filter((partition) => partition !== leaving);
    this.assigned[member] = (coming === undefined ? others : [...others, coming]).sort((a, b) => a - b);
    this.#totals[member] = this.totalOf(member) + change;
    this.#versions[member] = this.versionOf(member) + 1;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
