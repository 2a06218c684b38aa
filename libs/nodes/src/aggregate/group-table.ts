import type { Json, JsonObject } from '#core';
import { CheckpointUnusable } from '../api/failures.js';
import { fieldOf } from '../api/record-fields.js';
import { Accumulator } from './accumulator.js';

export interface Group {
  /** Values of the groupBy columns, in their order. */
  readonly key: readonly Json[];
  readonly records: number;
  readonly totals: readonly Accumulator[];
}

interface OpenGroup extends Group {
  records: number;
}

/** Why a record cannot be counted in; undefined = it was. */
export type Rejection = string | undefined;

/** Groups of records with running totals of some fields, in the order in which the groups were first seen. */
export class GroupTable {
  private groups = new Map<Json, OpenGroup>();
  private keyBytes = 0;

  constructor(
    private readonly groupBy: readonly string[],
    private readonly fields: readonly string[],
    /** Sums need numbers; counts, minima and maxima take texts too. */
    private readonly numbersOnly: boolean,
  ) {}

  add(record: Json): Rejection {
    const rejection = this.numbersOnly ? this.firstMisfit(record) : undefined;
    if (rejection !== undefined) return rejection;
    const group = this.groupOf(record);
    for (let place = 0; place < this.fields.length; place++) {
      const total = group.totals[place];
      const value = fieldOf(record, this.fields[place] ?? '');
      if (total !== undefined && value !== undefined && value !== null) addTo(total, value);
    }
    group.records += 1;
    return undefined;
  }

  /** All groups; one empty group when there is no groupBy and no record came. */
  all(): Iterable<Group> {
    return this.groups.size === 0 && this.groupBy.length === 0 ? [this.newGroup([])] : this.groups.values();
  }

  /** The groupBy columns of a group, by name. */
  columnsOf({ key }: Group): JsonObject {
    return Object.fromEntries(this.groupBy.map((name, place) => [name, key[place] ?? null]));
  }

  /** About how long `state()` is as JSON. */
  stateBytes(): number {
    return this.keyBytes + this.groups.size * (24 + this.fields.length * 60);
  }

  state(): Json {
    return [...this.groups.values()].map(({ key, records, totals }) => [key, records, totals.map((total) => total.state())]);
  }

  restore(state: Json): void {
    if (!Array.isArray(state)) throw new CheckpointUnusable('the checkpoint holds no groups');
    for (const entry of state) this.restoreGroup(entry);
  }

  private restoreGroup(entry: Json): void {
    const [key, records, totals] = Array.isArray(entry) ? entry : [];
    if (!Array.isArray(key) || typeof records !== 'number' || !Array.isArray(totals)) throw new CheckpointUnusable('a group is broken');
    const group = this.open(this.lookupKey(key), key);
    group.records = records;
    for (const [place, total] of group.totals.entries()) total.restore(totals[place]);
  }

  private firstMisfit(record: Json): Rejection {
    for (const field of this.fields) {
      const value = fieldOf(record, field) ?? null;
      if (value !== null && numberOf(value) === undefined) return `\`${field}\` is ${JSON.stringify(value)}, not a number`;
    }
    return undefined;
  }

  private groupOf(record: Json): OpenGroup {
    const [only] = this.groupBy;
    if (this.groupBy.length === 1 && only !== undefined) {
      const value = fieldOf(record, only) ?? null;
      const lookup = lookupOf(value);
      return this.groups.get(lookup) ?? this.open(detached(lookup), [detached(value)]);
    }
    const key = this.groupBy.map((name) => fieldOf(record, name) ?? null);
    const lookup = JSON.stringify(key);
    return this.groups.get(lookup) ?? this.open(lookup, key.map(detached));
  }

  private lookupKey(key: readonly Json[]): Json {
    return this.groupBy.length === 1 ? lookupOf(key[0] ?? null) : JSON.stringify(key);
  }

  private open(lookup: Json, key: readonly Json[]): OpenGroup {
    const group = this.newGroup(key);
    this.groups.set(lookup, group);
    this.keyBytes += JSON.stringify(key).length;
    return group;
  }

  private newGroup(key: readonly Json[]): OpenGroup {
    return { key, records: 0, totals: this.fields.map(() => new Accumulator()) };
  }
}

function addTo(total: Accumulator, value: Json): void {
  const number = numberOf(value);
  if (number !== undefined) total.add(number);
  else total.addText(typeof value === 'string' ? value : JSON.stringify(value));
}

/** A number, or a text that spells one. */
function numberOf(value: Json): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** A single plain column is its own key: no text has to be built for each record. The mark keeps a text apart from an object. */
function lookupOf(value: Json): Json {
  return typeof value === 'object' && value !== null ? `\u0000${JSON.stringify(value)}` : value;
}

/** A text cut out of a file's chunk keeps the whole chunk in memory; what is kept for long is copied. */
function detached<Value extends Json>(value: Value): Value {
  return typeof value === 'string' ? (JSON.parse(JSON.stringify(value)) as Value) : value;
}
