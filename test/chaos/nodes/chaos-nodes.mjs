import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

const pause = (ms, signal) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new Error('aborted'));
    });
  });

/** One line per effect, in a file of its own engine: what was done is counted from outside, whatever the engine says about it. */
function leave(kind, { executionId, nodeId, attempt }) {
  const file = join(process.env.MILLRACE_TEST_EFFECTS, `${process.env.MILLRACE_INSTANCE_ID}.log`);
  appendFileSync(file, `${kind} ${executionId} ${nodeId} ${attempt} ${Date.now()}\n`);
}

const configSchema = {
  type: 'object',
  properties: { ms: { type: 'integer' }, failFirst: { type: 'integer' }, failAlways: { type: 'boolean' } },
};

/** Takes a while, fails as often as its config says, and leaves a line when it starts and one when it is done. */
async function run(call) {
  const { config, attempt, nodeId } = call;
  leave('start', call);
  await pause(config.ms ?? 20, call.signal);
  if (config.failAlways || attempt <= (config.failFirst ?? 0)) {
    leave('failed', call);
    throw Object.assign(new Error(`${nodeId} fails as it was told to`), { code: 'AS_TOLD' });
  }
  leave('done', call);
  return { node: nodeId, attempt };
}

export default [
  { nodeType: 'chaos.effect', kind: 'task', label: 'Effect on the loop', configSchema, runOn: 'loop', run },
  { nodeType: 'chaos.thread', kind: 'task', label: 'Effect in a thread', configSchema, run },
  {
    nodeType: 'chaos.pace',
    kind: 'transform',
    label: 'Pace',
    configSchema: { type: 'object', properties: { msPerThousand: { type: 'number' } }, required: ['msPerThousand'] },
    async transform(records, { config }) {
      await new Promise((resolve) => setTimeout(resolve, (records.length / 1_000) * config.msPerThousand));
      return records;
    },
  },
];
