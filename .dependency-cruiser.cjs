/** Arrows of design §11: apps → adapters → runtime, stages → protocol → core. */
const lib = (name) => `^libs/${name}/`;
const onlyMay = (name, allowed, comment) => ({
  name: `${name}-imports`,
  comment,
  severity: 'error',
  from: { path: lib(name), pathNot: '[.]spec[.]ts$|/testing/' },
  to: { path: '^(libs|apps|test|deploy)/', pathNot: [lib(name), ...allowed.map(lib)].join('|') },
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-deep-imports',
      comment: "a lib is entered by its index.ts only",
      severity: 'error',
      from: { path: '^(libs/([^/]+)|apps/([^/]+)|test|deploy)/' },
      to: { path: '^libs/', pathNot: '^libs/[^/]+/src/(index[.]ts$|[^/]+/index[.]ts$)|^libs/$2/' },
    },
    { name: 'core-is-alone', comment: 'the core imports nothing outside itself', severity: 'error', from: { path: lib('core'), pathNot: '[.]spec[.]ts$|/testing/' }, to: { pathNot: lib('core') } },
    onlyMay('protocol', ['core'], 'pure: the core only'),
    onlyMay('expressions', ['core'], 'implements a port of the core'),
    onlyMay('runtime', ['core', 'protocol'], 'declares ports; knows no adapter'),
    onlyMay('nodes', ['core', 'protocol', 'expressions', 'runtime'], 'node types'),
    onlyMay('stages', ['core', 'protocol', 'expressions', 'runtime', 'nodes'], 'data plane'),
    onlyMay('kafka', ['core', 'protocol', 'runtime'], 'adapter'),
    onlyMay('postgres', ['core', 'protocol', 'runtime'], 'adapter'),
    onlyMay('projection', ['core', 'protocol', 'runtime', 'postgres'], 'read model'),
    onlyMay('engine-port', ['core', 'protocol'], 'framing between gateway and engine'),
    onlyMay('liveness', ['protocol'], 'watches the other engines; knows no adapter'),
    onlyMay('config', [], 'settings know nobody'),
    onlyMay('observability', ['core', 'protocol', 'runtime'], 'knows the errors that waiting cannot mend'),
    { name: 'libs-do-not-import-apps', severity: 'error', from: { path: '^libs/' }, to: { path: '^apps/' } },
    { name: 'apps-do-not-import-apps', severity: 'error', from: { path: '^apps/([^/]+)/' }, to: { path: '^apps/', pathNot: '^apps/$1/' } },
    { name: 'production-does-not-import-tests', severity: 'error', from: { path: '^(apps|libs)/', pathNot: '^libs/testing/|[.]spec[.]ts$|/testing/' }, to: { path: '^libs/testing/|^test/|/testing/' } },
    { name: 'kafkajs-in-one-lib', severity: 'error', from: { path: '^(apps|libs)/', pathNot: '^libs/kafka/|[.]spec[.]ts$|^libs/testing/' }, to: { path: 'node_modules/kafkajs' } },
    { name: 'typeorm-in-postgres', severity: 'error', from: { path: '^(apps|libs)/', pathNot: '^libs/(postgres|projection)/|[.]spec[.]ts$' }, to: { path: 'node_modules/typeorm' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['source', 'import', 'require', 'node', 'default'] },
  },
};
