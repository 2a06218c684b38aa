import type { JsonObject, NodeDescriptor } from '#core';
import { createConfigValidator } from '../api/config-schema.js';
import type { UserTask } from './user-node.js';

/** What the core must know of a user's task. */
export function describeUserTask(task: UserTask): NodeDescriptor {
  const validator = createConfigValidator(task.configSchema ?? { type: 'object' });
  return {
    nodeType: task.nodeType,
    kind: 'task',
    runOn: task.runOn ?? 'thread',
    outputHandles: ['out'],
    expressionKeys: [],
    normaliseConfig: (config: JsonObject) => validator.normalise(config),
    validateConfig: (config: JsonObject) => validator.problems(config),
  };
}
