import type { CompiledExpression, ExpressionCompiler, ExpressionResult, ExpressionScope, Json } from '#core';
import { CompileFailure, type Expr, parseCel, refuseToCompile } from './ast.js';
import { build } from './build.js';
import { translateOldDialect } from './dialect.js';
import { type Evaluate, EvaluationFailure, type Frame, maxSteps } from './frame.js';
import { functions, methods } from './functions.js';
import { resolveName, textOfRecord } from './names.js';
import { binaryOperators, boundedText } from './operators.js';
import { spendOnResult } from './result-size.js';

/** An expression over records: top-level names are the record's fields, then what the scope holds. */
export interface RecordExpression extends CompiledExpression {
  /** As `evaluate({...fields of record, record, value: record, ...scope})`, without building that object. Never throws. */
  evaluateRecord(record: Json, scope: ExpressionScope): ExpressionResult;
}

export type RecordCompilation =
  | { readonly ok: true; readonly expression: RecordExpression }
  | { readonly ok: false; readonly message: string };

/** The compiler for engines and stages; its expressions can also be evaluated on a record without copying it. */
export interface RecordExpressionCompiler extends ExpressionCompiler {
  compile(text: string): RecordCompilation;
}

/** Characters of an expression, at most. */
const maxLength = 16_384;

/** Compiled texts kept; the least recently used goes first. */
const maxCached = 2_000;

const noLocals = { slots: new Map<string, number>() };

function compileText(text: string): RecordCompilation {
  if (text.length > maxLength) return { ok: false, message: `an expression may have ${maxLength} characters at most` };
  try {
    return { ok: true, expression: expressionOf(closureOf(text), text) };
  } catch (error) {
    return { ok: false, message: compileMessage(error) };
  }
}

function closureOf(text: string): Evaluate {
  const old = translateOldDialect(text.trimStart().startsWith('prefix:') ? text.trimStart() : text.trim());
  switch (old?.kind) {
    case undefined:
      return build(parseCel(text), noLocals);
    case 'compare': {
      const operator = binaryOperators.get(old.operator) ?? refuseToCompile(`unknown comparison in ${text}`);
      return operator(resolveName(old.left), build(comparedTo(old.rest), noLocals));
    }
    case 'method': {
      const target = resolveName(old.target);
      const method = methods.get(old.method) ?? refuseToCompile(`there is no method ${old.method}`);
      const args = old.argument === undefined ? [] : [old.argument];
      return (frame) => method.apply([target(frame), ...args], frame);
    }
    case 'prefix': {
      const target = resolveName(textOfRecord);
      return (frame) => boundedText(`${old.prefix}${String(target(frame))}`);
    }
  }
}

/** What follows the operator of `>50`: an expression, but not a comparison with a second `>` in it. */
function comparedTo(text: string): Expr {
  return parseCel(`(${text})`);
}

function compileMessage(error: unknown): string {
  if (error instanceof CompileFailure) return error.message;
  if (error instanceof RangeError) return 'the expression is nested too deeply';
  return error instanceof Error ? error.message.replace(/^<input>:/, 'at ') : String(error);
}

const nothing: ExpressionScope = {};

function expressionOf(closure: Evaluate, text: string): RecordExpression {
  const frame: Frame = { scope: nothing, record: undefined, locals: [], stepsLeft: 0 };
  const evaluateRecord = (record: Json | undefined, scope: ExpressionScope): ExpressionResult => {
    frame.scope = scope;
    frame.record = record;
    frame.stepsLeft = maxSteps;
    try {
      const value = closure(frame);
      if (typeof value === 'object' && value !== null) spendOnResult(value, frame);
      return { ok: true, value };
    } catch (error) {
      return { ok: false, message: evaluationMessage(error, text) };
    } finally {
      frame.scope = nothing; // nothing of a record is kept alive by a cached expression
      frame.record = undefined;
      frame.locals.length = 0;
    }
  };
  return { evaluateRecord, evaluate: (scope) => evaluateRecord(undefined, scope) };
}

function evaluationMessage(error: unknown, text: string): string {
  if (error instanceof EvaluationFailure) return `${error.message} (in \`${shortened(text)}\`)`;
  if (error instanceof RangeError) return `the values are nested too deeply (in \`${shortened(text)}\`)`;
  return `${error instanceof Error ? error.message : String(error)} (in \`${shortened(text)}\`)`;
}

function shortened(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 117)}...`;
}

/**
 * Compiles CEL and the old dialect (contract §4a) for JSON values. The syntax is CEL's, parsed by `@bufbuild/cel`; the
 * values are JSON's, so there is one kind of number (`value * 2`, `7 / 2 == 3.5`, `value % 2 == 0`):
 * - a result that JSON cannot hold (overflow, NaN) is an error, and so are division and remainder by zero;
 * - an integer literal beyond 2^53 - 1 does not compile; bytes, timestamps and durations are not part of the language;
 * - texts, lists and maps come back as plain JSON; `-0` becomes `0`;
 * - a missing field is an error naming it; `has(a.b.c)` tells beforehand. A field named `input`, `nodes` or `execution` is
 *   reached as `record.input`;
 * - an evaluation stops with an error after 1,000,000 steps, so no expression can hold an engine up.
 * Unknown functions and wrong numbers of arguments do not compile. The same text gives the same compiled object while cached.
 */
export const expressionCompiler: RecordExpressionCompiler = createExpressionCompiler(maxCached);

/** A compiler with its own cache of `capacity` texts. */
export function createExpressionCompiler(capacity: number): RecordExpressionCompiler {
  const cache = new Map<string, RecordCompilation>();
  return {
    compile(text) {
      const known = cache.get(text);
      if (known !== undefined) {
        cache.delete(text); // moved to the end: the first key is the least recently used
        cache.set(text, known);
        return known;
      }
      const compiled = compileText(text);
      cache.set(text, compiled);
      if (cache.size > capacity) cache.delete(cache.keys().next().value ?? text);
      return compiled;
    },
  };
}

/** What the language offers, for documentation and suggestions. */
export function expressionVocabulary(): { readonly functions: readonly string[]; readonly methods: readonly string[] } {
  return { functions: [...functions.keys()], methods: [...methods.keys()] };
}
