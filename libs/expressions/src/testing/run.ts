import type { ExpressionScope, Json } from '#core';
import { expressionCompiler } from '../compiler.js';

/** Compiles and evaluates: the value, `{error}` or `{compileError}`. */
export function run(text: string, scope: ExpressionScope = {}, record?: Json) {
  const compiled = expressionCompiler.compile(text);
  if (!compiled.ok) return { compileError: compiled.message };
  const result = record === undefined ? compiled.expression.evaluate(scope) : compiled.expression.evaluateRecord(record, scope);
  return result.ok ? result.value : { error: result.message };
}
