/** Passes records on at a set pace, so that a stage is under way long enough to be disturbed, however fast the machine is. */
export default {
  nodeType: 'test.slow',
  kind: 'transform',
  label: 'Slow',
  configSchema: { type: 'object', properties: { msPerThousand: { type: 'number' } }, required: ['msPerThousand'] },
  async transform(records, { config }) {
    await new Promise((resolve) => setTimeout(resolve, (records.length / 1_000) * config.msPerThousand));
    return records;
  },
};
