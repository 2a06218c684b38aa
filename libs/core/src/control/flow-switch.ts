import type { Problem } from '../definition/definition.js';
import { describe, isPlainObject } from '../definition/problems.js';
import type { JsonObject } from '../json.js';
import { type ControlContext, type ControlNode, type ControlStep, controlDescriptor, expressionFailed } from './control-node.js';

interface SwitchCase {
  readonly handle: string;
  readonly condition: string;
}

/** `flow.switch {cases: [{handle, condition}], default?}`: the first true case chooses the handle; none and no default: no edge is taken. Its output is its input. */
export const flowSwitch: ControlNode = {
  descriptor: controlDescriptor('flow.switch', validate, 'any'),
  expressionsOf: (config) => casesOf(config).map(({ condition }, index) => ({ path: `cases[${index}].condition`, text: condition })),
  decide: choose,
};

/** The handles that edges may leave by. */
export function switchHandles(config: JsonObject): readonly string[] {
  const handles = casesOf(config).map(({ handle }) => handle);
  return typeof config.default === 'string' ? [...handles, config.default] : handles;
}

function casesOf({ cases }: JsonObject): readonly SwitchCase[] {
  if (!Array.isArray(cases)) return [];
  return cases.map((entry: unknown) => {
    const { handle, condition } = isPlainObject(entry) ? entry : {};
    return { handle: typeof handle === 'string' ? handle : '', condition: typeof condition === 'string' ? condition : 'false' };
  });
}

function validate(config: JsonObject): readonly Problem[] {
  const { cases } = config;
  if (!Array.isArray(cases) || cases.length === 0) {
    return [{ path: 'cases', code: 'REQUIRED', message: `cases must be a list of {handle, condition}, not ${describe(cases)}` }];
  }
  const problems = cases.flatMap((entry: unknown, index) => caseProblems(entry, `cases[${index}]`));
  if (config.default !== undefined && !isName(config.default)) {
    problems.push({ path: 'default', code: 'TYPE', message: `default must be the name of a handle, not ${describe(config.default)}` });
  }
  return problems;
}

function caseProblems(entry: unknown, path: string): Problem[] {
  if (!isPlainObject(entry)) return [{ path, code: 'TYPE', message: `a case is {handle, condition}, not ${describe(entry)}` }];
  return (['handle', 'condition'] as const)
    .filter((key) => !isName(entry[key]))
    .map((key) => ({ path: `${path}.${key}`, code: 'REQUIRED', message: `${key} must be a text, not ${describe(entry[key])}` }));
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function choose({ config, expressions, scope, input }: ControlContext): ControlStep {
  for (const [index, { handle }] of casesOf(config).entries()) {
    const path = `cases[${index}].condition`;
    const result = expressions.get(path)?.evaluate(scope) ?? { ok: false, message: 'it was not compiled' };
    if (!result.ok) return expressionFailed(path, result.message);
    if (typeof result.value !== 'boolean') return expressionFailed(path, `it gave ${describe(result.value)}, not true or false`);
    if (result.value) return { kind: 'completed', output: input, handle };
  }
  return { kind: 'completed', output: input, handle: typeof config.default === 'string' ? config.default : '' };
}
