import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

/** Leaves a line in a file of its own engine before and after a short pause: an effect that the test counts from outside. */
export default {
  nodeType: 'test.effect',
  kind: 'task',
  label: 'Effect',
  configSchema: { type: 'object', properties: { step: { type: 'integer' }, ms: { type: 'integer' } }, required: ['step'] },
  runOn: 'loop',
  async run({ config, executionId, attempt }) {
    const file = join(process.env.MILLRACE_TEST_EFFECTS, `${process.env.MILLRACE_INSTANCE_ID}.log`);
    appendFileSync(file, `start ${executionId} ${config.step} ${attempt}\n`);
    await new Promise((resolve) => setTimeout(resolve, config.ms ?? 20));
    appendFileSync(file, `done ${executionId} ${config.step} ${attempt}\n`);
    return { step: config.step };
  },
};
