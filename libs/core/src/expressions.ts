import type { Json } from './json.js';

/** What an expression sees: names at its top level (contract §9 "Expressions"). */
export interface ExpressionScope {
  readonly [name: string]: Json;
}

export type ExpressionResult = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly message: string };

/** An expression compiled once. Evaluation is deterministic, has no side effects, and never throws. */
export interface CompiledExpression {
  evaluate(scope: ExpressionScope): ExpressionResult;
}

/** Compiles CEL and the old dialect of contract §4a. Implemented by libs/expressions, handed to the core. */
export interface ExpressionCompiler {
  compile(text: string): { readonly ok: true; readonly expression: CompiledExpression } | { readonly ok: false; readonly message: string };
}
