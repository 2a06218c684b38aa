import type { Expr } from './ast.js';
import type { Evaluate } from './frame.js';

/** Macro variables in sight (`items.map(x, …)` has x) and the slot of each; the accumulator is a slot too. */
export interface Locals {
  readonly slots: ReadonlyMap<string, number>;
  /** The accumulator that a list macro appends to. */
  readonly accumulator?: string;
}

/** Builds an operand, with the same variables in sight unless others are given. */
export type Next = (inner: Expr | undefined, locals?: Locals) => Evaluate;
