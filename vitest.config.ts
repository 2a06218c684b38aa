import { defineConfig } from 'vitest/config';

const shared = {
  ssr: { resolve: { conditions: ['source', 'node'] } },
  resolve: { conditions: ['source', 'node'] },
};

/** Three suites: pure specs in milliseconds, the simulation, and what needs a real broker and database. */
export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: ['{apps,libs,scripts,test}/**/*.spec.ts'],
          exclude: ['**/*.int.spec.ts', '**/*.sim.spec.ts', '**/node_modules/**', 'dist/**'],
        },
      },
      { ...shared, test: { name: 'simulation', include: ['{libs,test}/**/*.sim.spec.ts'], testTimeout: 600_000 } },
      {
        ...shared,
        test: {
          name: 'integration',
          include: ['{apps,libs,test}/**/*.int.spec.ts'],
          globalSetup: ['./libs/testing/src/embedded/vitest-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
