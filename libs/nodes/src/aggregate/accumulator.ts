import type { Json } from '#core';
import { CheckpointUnusable } from '../api/failures.js';

/** Functions of the aggregate node. All ignore null and absent values; `count` of a field counts those present. */
export const aggregateFunctions = ['count', 'sum', 'avg', 'min', 'max'] as const;
export type AggregateFunction = (typeof aggregateFunctions)[number];

/** Running totals of one field in one group. Sums are compensated (Neumaier 1974): the order of large and small hardly matters. */
export class Accumulator {
  private count = 0;
  private sum = 0;
  private compensation = 0;
  private min: number | string | undefined;
  private max: number | string | undefined;

  /** Adds a number. */
  add(value: number): void {
    this.count += 1;
    const total = this.sum + value;
    this.compensation += Math.abs(this.sum) >= Math.abs(value) ? this.sum - total + value : value - total + this.sum;
    this.sum = total;
    this.widen(value);
  }

  /** Counts a value that is no number, and compares it as text. */
  addText(value: string): void {
    this.count += 1;
    this.widen(value);
  }

  result(name: AggregateFunction): Json {
    switch (name) {
      case 'count':
        return this.count;
      case 'sum':
        return this.total();
      case 'avg':
        return this.count === 0 ? null : this.total() / this.count;
      case 'min':
        return this.min ?? null;
      case 'max':
        return this.max ?? null;
    }
  }

  state(): Json {
    return [this.count, this.sum, this.compensation, this.min ?? null, this.max ?? null];
  }

  restore(state: Json | undefined): void {
    if (!Array.isArray(state)) throw new CheckpointUnusable('the checkpoint holds no totals');
    const [count, sum, compensation, min, max] = state;
    this.count = Number(count);
    this.sum = Number(sum);
    this.compensation = Number(compensation);
    this.min = bound(min);
    this.max = bound(max);
  }

  private total(): number {
    return this.sum + this.compensation;
  }

  private widen(value: number | string): void {
    if (this.min === undefined || value < this.min) this.min = value;
    if (this.max === undefined || value > this.max) this.max = value;
  }
}

function bound(value: Json | undefined): number | string | undefined {
  return typeof value === 'number' || typeof value === 'string' ? value : undefined;
}
