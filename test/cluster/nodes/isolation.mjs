const ms = { type: 'object', properties: { ms: { type: 'integer' }, attempts: { type: 'integer' } }, required: ['ms'] };

export default [
  /** In a thread: takes its time until it has been begun often enough, and says how often. */
  {
    nodeType: 'test.patient',
    kind: 'task',
    label: 'Patient',
    configSchema: ms,
    async run({ config, attempt }) {
      if (attempt < (config.attempts ?? 1)) await new Promise((resolve) => setTimeout(resolve, config.ms));
      return { attempt };
    },
  },
  /** On the loop: lets nobody else run. */
  {
    nodeType: 'test.blocker',
    kind: 'task',
    label: 'Blocker',
    configSchema: ms,
    runOn: 'loop',
    async run({ config }) {
      for (const until = performance.now() + config.ms; performance.now() < until; );
    },
  },
];
