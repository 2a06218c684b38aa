import { appendFileSync } from 'node:fs';

/** The step of W1 and W2: trivial, on the engine's own loop; its result is durable before the next one starts. */
const step = {
  nodeType: 'bench.step',
  kind: 'task',
  label: 'Step',
  configSchema: { type: 'object', properties: { i: { type: 'integer' } }, required: ['i'] },
  runOn: 'loop',
  async run({ config, executionId }) {
    return { i: config.i, id: executionId };
  },
};

/** The step of W3: 100 ms, with a line before and after it in a file that outlives the process. */
const slow = {
  nodeType: 'bench.slow',
  kind: 'task',
  label: 'Slow step',
  configSchema: { type: 'object', properties: { i: { type: 'integer' }, ms: { type: 'integer' } }, required: ['i'] },
  runOn: 'loop',
  async run({ config, executionId }) {
    const file = process.env.MILLRACE_BENCH_STEP_LOG;
    const line = (kind) =>
      file && appendFileSync(file, `${Date.now()} ${process.env.MILLRACE_INSTANCE_ID} ${executionId} ${config.i} ${kind}\n`);
    line('s');
    await new Promise((resolve) => setTimeout(resolve, config.ms ?? 100));
    line('d');
    return { i: config.i, id: executionId };
  },
};

/** In a thread: waits, or computes, for `ms` (isolation). */
const occupy = {
  nodeType: 'bench.occupy',
  kind: 'task',
  label: 'Occupies a thread',
  configSchema: { type: 'object', properties: { ms: { type: 'integer' }, spin: { type: 'boolean' } }, required: ['ms'] },
  async run({ config }) {
    if (!config.spin) await new Promise((resolve) => setTimeout(resolve, config.ms));
    const until = performance.now() + (config.spin ? config.ms : 0);
    let turns = 0;
    while (performance.now() < until) turns += 1;
    return { turns };
  },
};

export default [step, slow, occupy];
