import type { JsonObject, NodeDescriptor } from '#core';
import { createConfigValidator } from './config-schema.js';
import type { DataNode } from './data-node.js';

/** What the core must know of a data node; its config is brought into shape and checked by its JSON Schema. */
export function describeDataNode(node: DataNode): NodeDescriptor {
  const validator = createConfigValidator(node.configSchema);
  return {
    nodeType: node.nodeType,
    kind: node.kind,
    runOn: 'thread',
    outputHandles: ['out'], // a sink's too: a task or control node may follow it
    expressionKeys: node.expressionKeys ?? [],
    normaliseConfig: (config: JsonObject) => validator.normalise(node.normaliseConfig?.(config) ?? config),
    validateConfig: (config: JsonObject) => {
      const problems = validator.problems(config);
      return problems.length > 0 ? problems : (node.checkConfig?.(config) ?? []);
    },
  };
}
