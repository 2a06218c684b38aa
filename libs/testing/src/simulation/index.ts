export { type InvariantId, invariants, type Violation } from './invariants.js';
export { type FaultRates, type Profile, profileOf } from './profile.js';
export { runSeed, type SeedOptions, type SeedResult } from './run-seed.js';
export { describeFailure, runSeeds, type SeedsReport } from './run-seeds.js';
export { simulationCore } from './simulation-core.js';
export type { Mutant } from './world.js';
