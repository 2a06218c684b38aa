import type { Problem } from '../definition/definition.js';
import { durationSpelling, parseDurationMs } from '../definition/duration.js';
import { describe } from '../definition/problems.js';
import type { JsonObject } from '../json.js';
import { type ControlNode, controlDescriptor } from './control-node.js';

/** `flow.signal {name, timeout?}`: waits for a signal of that name; its output is the payload. The time-out fails it with TIMED_OUT. */
export const flowSignal: ControlNode = {
  descriptor: controlDescriptor('flow.signal', validate),
  expressionsOf: () => [],
  decide: ({ config, at }) => {
    const name = typeof config.name === 'string' ? config.name : '';
    const timeoutMs = parseDurationMs(config.timeout);
    return { kind: 'signal', name, ...(timeoutMs === undefined ? {} : { until: at + timeoutMs }) };
  },
};

function validate({ name, timeout }: JsonObject): readonly Problem[] {
  const problems: Problem[] = [];
  if (typeof name !== 'string' || name === '' || name.length > 256) {
    problems.push({ path: 'name', code: 'REQUIRED', message: `name must be a text of 1 to 256 characters, not ${describe(name)}` });
  }
  if (timeout !== undefined && parseDurationMs(timeout) === undefined) {
    problems.push({ path: 'timeout', code: 'DURATION', message: `timeout must be ${durationSpelling}, not ${describe(timeout)}` });
  }
  return problems;
}
