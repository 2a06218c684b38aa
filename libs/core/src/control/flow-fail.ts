import type { Problem } from '../definition/definition.js';
import { describe } from '../definition/problems.js';
import type { JsonObject } from '../json.js';
import { type ControlNode, controlDescriptor } from './control-node.js';

const defaultCode = 'FLOW_FAIL';

/** `flow.fail {message, code?}`: fails on purpose, without retry; the code defaults to `FLOW_FAIL`. */
export const flowFail: ControlNode = {
  descriptor: controlDescriptor('flow.fail', validate),
  expressionsOf: () => [],
  decide: ({ config: { message, code } }) => ({
    kind: 'failed',
    error: { code: typeof code === 'string' ? code : defaultCode, message: typeof message === 'string' ? message : '', retryable: false },
  }),
};

function validate({ message, code }: JsonObject): readonly Problem[] {
  const problems: Problem[] = [];
  if (typeof message !== 'string' || message === '') {
    problems.push({ path: 'message', code: 'REQUIRED', message: `message must be a text, not ${describe(message)}` });
  }
  if (code !== undefined && (typeof code !== 'string' || code === '')) {
    problems.push({ path: 'code', code: 'TYPE', message: `code must be a text, not ${describe(code)}` });
  }
  return problems;
}
