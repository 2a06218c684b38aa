import type { Json } from '#core';
import { type ComprehensionExpr, type Expr, identifierOf, refuseToCompile } from './ast.js';
import { type Evaluate, EvaluationFailure, type Frame, fail, isList, isMap, spend, typeName } from './frame.js';
import type { Locals, Next } from './locals.js';

/** What a macro (`all`, `exists`, `exists_one`, `map`, `filter`) was expanded to: a fold over a list or the keys of a map. */
export function buildComprehension(value: ComprehensionExpr, locals: Locals, next: Next): Evaluate {
  if (value.iterVar2 !== '') return refuseToCompile('macros take one variable');
  const accuSlot = locals.slots.size;
  const itemSlot = accuSlot + 1;
  // Slots are never reused, so that an inner macro cannot overwrite an outer one's variables of the same name.
  const hidden = [...locals.slots, [`#${accuSlot}`, accuSlot], [`#${itemSlot}`, itemSlot]] as const;
  const inResult: Locals = { slots: new Map([...hidden, [value.accuVar, accuSlot]]), accumulator: value.accuVar };
  const inLoop: Locals = { slots: new Map([...inResult.slots, [value.iterVar, itemSlot]]), accumulator: value.accuVar };
  return fold({
    accuSlot,
    itemSlot,
    range: next(value.iterRange),
    initial: next(value.accuInit),
    goesOn: next(value.loopCondition, inLoop),
    step: next(value.loopStep, inLoop),
    result: next(value.result, inResult),
    absorbs: absorbsFailures(value.loopStep, value.accuVar),
  });
}

interface Fold {
  readonly accuSlot: number;
  readonly itemSlot: number;
  readonly range: Evaluate;
  readonly initial: Evaluate;
  readonly goesOn: Evaluate;
  readonly step: Evaluate;
  readonly result: Evaluate;
  /** `all` and `exists`: an element that decides the result outweighs one that failed before it. */
  readonly absorbs: boolean;
}

function fold(plan: Fold): Evaluate {
  return (frame) => {
    const items = itemsOf(plan.range(frame));
    const initial = plan.initial(frame);
    frame.locals[plan.accuSlot] = initial;
    let failure: EvaluationFailure | undefined;
    for (const item of items) {
      spend(frame, 1);
      frame.locals[plan.itemSlot] = item;
      if (plan.goesOn(frame) !== true) break;
      failure = advance(plan, frame) ?? failure;
    }
    if (failure !== undefined && frame.locals[plan.accuSlot] === initial) throw failure;
    return plan.result(frame);
  };
}

/** One step; answers its failure where the macro may still be decided by another element. */
function advance(plan: Fold, frame: Frame): EvaluationFailure | undefined {
  const before = frame.locals[plan.accuSlot] ?? null;
  try {
    frame.locals[plan.accuSlot] = plan.step(frame);
    return undefined;
  } catch (failure) {
    if (!plan.absorbs || !(failure instanceof EvaluationFailure) || frame.stepsLeft < 0) throw failure;
    frame.locals[plan.accuSlot] = before;
    return failure;
  }
}

function itemsOf(range: Json): readonly Json[] {
  if (isList(range)) return range;
  return isMap(range) ? Object.keys(range) : fail(`a macro needs a list or a map, not ${typeName(range)}`);
}

function absorbsFailures(step: Expr | undefined, accuVar: string): boolean {
  const call = step?.exprKind.case === 'callExpr' ? step.exprKind.value : undefined;
  return (call?.function === '_&&_' || call?.function === '_||_') && identifierOf(call.args[0]) === accuVar;
}
