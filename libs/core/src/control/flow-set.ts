import { describe, isPlainObject } from '../definition/problems.js';
import type { Json, JsonObject } from '../json.js';
import { type ControlContext, type ControlNode, type ControlStep, controlDescriptor, expressionFailed } from './control-node.js';

/** `flow.set {values: {name: expression}}`: its output is one object; a value that is not text stands for itself. */
export const flowSet: ControlNode = {
  descriptor: controlDescriptor('flow.set', ({ values }) =>
    isPlainObject(values)
      ? []
      : [{ path: 'values', code: 'REQUIRED', message: `values must be an object of name: expression, not ${describe(values)}` }],
  ),
  expressionsOf: (config) =>
    entriesOf(config).flatMap(([name, value]) => (typeof value === 'string' ? [{ path: `values.${name}`, text: value }] : [])),
  decide: setValues,
};

function entriesOf({ values }: JsonObject): [string, Json][] {
  return isPlainObject(values) ? Object.entries(values) : [];
}

function setValues({ config, expressions, scope }: ControlContext): ControlStep {
  const output: [string, Json][] = [];
  for (const [name, value] of entriesOf(config)) {
    const path = `values.${name}`;
    const result = expressions.get(path)?.evaluate(scope) ?? { ok: true, value };
    if (!result.ok) return expressionFailed(path, result.message);
    output.push([name, result.value]);
  }
  return { kind: 'completed', output: Object.fromEntries(output) };
}
