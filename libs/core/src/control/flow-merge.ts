import type { Problem } from '../definition/definition.js';
import { describe } from '../definition/problems.js';
import type { JsonObject } from '../json.js';
import { type ControlNode, controlDescriptor } from './control-node.js';

/** `flow.merge {mode: all|any|count, count?}`: when it may start is decided by its edges; its output is its input. */
export const flowMerge: ControlNode = {
  descriptor: controlDescriptor('flow.merge', validate),
  expressionsOf: () => [],
  decide: ({ input }) => ({ kind: 'completed', output: input }),
};

function validate({ mode, count }: JsonObject): readonly Problem[] {
  if (mode !== undefined && mode !== 'all' && mode !== 'any' && mode !== 'count') {
    return [{ path: 'mode', code: 'VALUE', message: `mode must be all, any or count, not ${describe(mode)}` }];
  }
  if (mode === 'count' && !(typeof count === 'number' && Number.isInteger(count) && count >= 1)) {
    return [{ path: 'count', code: 'REQUIRED', message: `count must be a whole number of at least 1, not ${describe(count)}` }];
  }
  return [];
}
