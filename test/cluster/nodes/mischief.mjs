const config = { type: 'object' };

/** Users' nodes that misbehave: what they do must end in a failed attempt with a clear error, and nowhere else. */
export default [
  {
    nodeType: 'test.throw',
    kind: 'task',
    label: 'Throw',
    configSchema: config,
    run() {
      throw Object.assign(new Error('the till is empty'), { code: 'TILL_EMPTY', cause: new Error('somebody took it') });
    },
  },
  { nodeType: 'test.not-json', kind: 'task', label: 'Not JSON', configSchema: config, runOn: 'loop', run: () => ({ big: 10n }) },
  { nodeType: 'test.huge', kind: 'task', label: 'Huge', configSchema: config, run: () => 'x'.repeat(40_000_000) },
  {
    nodeType: 'test.block',
    kind: 'task',
    label: 'Block the main loop, once',
    configSchema: { type: 'object', properties: { ms: { type: 'integer' } }, required: ['ms'] },
    runOn: 'loop',
    async run({ config, attempt }) {
      const until = Date.now() + (attempt === 1 ? config.ms : 0);
      while (Date.now() < until);
      return { attempt };
    },
  },
  {
    nodeType: 'test.spin',
    kind: 'task',
    label: 'Spin',
    configSchema: config,
    run() {
      for (;;);
    },
  },
];
