import type { ExpressionScope, JsonObject } from '#core';
import { expressionCompiler } from '#expressions';
import type { NodeContext } from '../../api/node-context.js';

/** The context of one attempt, for specs. */
export function testContext(
  filesRoot: string,
  config: JsonObject,
  scope: ExpressionScope = {},
  signal = new AbortController().signal,
): NodeContext {
  return {
    ...{ executionId: 'e', workflowId: 'w', nodeId: 'n', attempt: 1, epoch: '1.a', filesRoot, config, scope, signal },
    limits: { batchRecords: 1_000, maxStateBytes: 1_000_000, memoryMb: 128 },
    compile: (text) => {
      const compiled = expressionCompiler.compile(text);
      if (!compiled.ok) throw new Error(compiled.message);
      return compiled.expression;
    },
    log: () => undefined,
    rejectRecord: () => undefined,
  };
}
