import { SeededRandom } from '../memory/index.js';

/** Faults per second of virtual time, or the probability per use; 0 = never in this run. */
export interface FaultRates {
  readonly crash: number;
  readonly pause: number;
  readonly rebalance: number;
  readonly handOff: number;
  readonly brokerOutage: number;
  readonly databaseOutage: number;
  readonly compaction: number;
  readonly olderDatabase: number;
  readonly powerLoss: number;
  readonly appendLate: number;
  readonly appendLost: number;
  readonly answerLost: number;
  readonly appendRefused: number;
  readonly duplicate: number;
  readonly statementSlow: number;
  readonly statementFails: number;
  readonly writeUnheard: number;
  /** A partition is handed over by an owner that goes on. */
  readonly handOver: number;
  /** The commands topic loses undecided commands: the partition must halt by name, and skip nothing (L11). */
  readonly commandLoss: number;
  /** The commands topic is recreated, and may have outgrown what was decided of the old one before anybody looks (L11). */
  readonly commandsReplaced: number;
  /** The event log is recreated while its commands are kept (L11). */
  readonly eventsReplaced: number;
  /** Somebody sets the wall clock of a process, by up to a minute either way, and perhaps back. */
  readonly clockStep: number;
}

/** Everything about a run that its seed decides before it begins. */
export interface Profile {
  readonly seed: number;
  readonly processes: number;
  readonly partitions: number;
  /** Some workflows spread their executions over the partitions. */
  readonly isSpread: boolean;
  readonly inputs: number;
  readonly faultPhaseMs: number;
  readonly rates: FaultRates;
  readonly snapshotEvery: number;
  readonly maxReplay: number;
  readonly snapshotIntervalMs: number;
  readonly passivateAfterMs: number;
  readonly maxBatchInputs: number;
  readonly maxDecidedAbove: number;
  readonly maxMailbox: number;
  readonly clockSkewMs: number;
  /** When it is short, every command says when it was issued: past the window a repeat can only be told by that. */
  readonly dedupeWindowMs: number;
}

const dayMs = 86_400_000;

/** Swarm testing (Groce et al., 2012): every run has only some kinds of fault, so that rare combinations are not drowned. */
export function profileOf(seed: number): Profile {
  const random = new SeededRandom(seed);
  const some = (probability: number, rate: number): number => (random.chance(probability) ? rate : 0);
  const unless = (condition: boolean, rate: number): number => (condition ? 0 : rate);
  const powerLoss = some(0.1, 0.15);
  const compaction = some(0.5, 0.4);
  // Drawn apart: what a seed did before these faults were added, it still does.
  const topics = new SeededRandom(seed * 7 + 3);
  const replacing =
    powerLoss === 0 ? topics.pick(['none', 'none', 'none', 'none', 'none', 'none', 'none', 'commands', 'events', 'none']) : 'none';
  const handingOver = new SeededRandom(seed * 7 + 1);
  const clocks = new SeededRandom(seed * 11 + 5); // drawn apart, too
  const isSpread = seed % 5 === 4; // not drawn: what other seeds did before, they still do
  return {
    seed,
    processes: random.between(2, 3),
    partitions: (random.chance(0.7) ? 1 : 2) + (isSpread ? 1 : 0),
    isSpread,
    inputs: random.between(12, 45),
    faultPhaseMs: random.between(6, 24) * 1000,
    rates: {
      crash: some(0.5, 0.12),
      pause: some(0.5, 0.12),
      rebalance: some(0.6, 0.2),
      handOff: some(0.3, 0.08),
      handOver: handingOver.chance(0.3) ? 0.2 : 0,
      brokerOutage: some(0.3, 0.08),
      databaseOutage: some(0.3, 0.1),
      compaction,
      olderDatabase: some(0.12, 0.08),
      powerLoss,
      // A log that lost its tail, and then gets a late fence of its present owner, looks unbroken to that owner (docs/invariants.md, limits).
      appendLate: unless(powerLoss > 0 || replacing === 'events', some(0.5, 0.05)),
      appendLost: some(0.4, 0.04),
      answerLost: some(0.5, 0.05),
      appendRefused: some(0.3, 0.05),
      // A second copy of the same bytes is what L4 forbids: with compaction, or where a log lost its tail, it does harm. Never both.
      duplicate: compaction === 0 && powerLoss === 0 && replacing !== 'events' ? some(0.5, 0.06) : 0,
      statementSlow: some(0.4, 0.1),
      statementFails: some(0.3, 0.06),
      writeUnheard: some(0.3, 0.2),
      commandLoss: unless(replacing !== 'none', powerLoss === 0 ? some(0.06, 0.1) : 0),
      commandsReplaced: replacing === 'commands' ? 0.1 : 0,
      eventsReplaced: replacing === 'events' ? 0.1 : 0,
      clockStep: clocks.chance(0.25) ? 0.3 : 0,
    },
    snapshotEvery: random.pick([2, 5, 20, 100]),
    maxReplay: random.pick([15, 60, 10_000]),
    snapshotIntervalMs: random.pick([50, 200, 1000]),
    passivateAfterMs: random.pick([100, 400, 2000, 60_000]),
    maxBatchInputs: random.pick([1, 3, 10, 100]),
    maxDecidedAbove: random.pick([2, 20, 1000]),
    maxMailbox: random.pick([3, 20, 1000]),
    clockSkewMs: random.pick([0, 0, 50, 300]),
    dedupeWindowMs: random.chance(0.15) ? random.between(2000, 8000) : dayMs,
  };
}
