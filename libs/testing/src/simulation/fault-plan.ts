import type { AppendFault, CommandFaults, HeartbeatFault, LogFaults, SeededRandom, StoreFault, StoreFaults } from '../memory/index.js';
import type { Profile } from './profile.js';

/** How the twins misbehave on purpose, where a rule of the adapters is switched off (L3, L4). */
export interface AdapterMutant {
  /** L3: a batch arrives as two, and the second part is lost or late. */
  readonly splitBatches?: boolean;
  /** L4: a produce request is written to the socket again. */
  readonly resend?: boolean;
  /** L10: the guard is evaluated before the statement waits for its turn, and seq is not compared. */
  readonly looseStatements?: boolean;
}

/** Decides every fault of a run. While `active` is false nothing goes wrong, but everything still takes its time. */
export class FaultPlan implements LogFaults, CommandFaults {
  active = true;
  brokerAway = false;
  databaseAway = false;
  readonly #random: SeededRandom;
  readonly #profile: Profile;
  readonly #mutant: AdapterMutant;

  constructor(random: SeededRandom, profile: Profile, mutant: AdapterMutant = {}) {
    this.#random = random;
    this.#profile = profile;
    this.#mutant = mutant;
  }

  append(_partition: number, records: readonly unknown[]): AppendFault {
    const random = this.#random;
    const normal = { deliverMs: random.between(1, 3), answerMs: random.between(1, 3) };
    if (!this.active) return normal;
    if (this.brokerAway) return random.chance(0.5) ? this.#refusal() : { ...normal, deliverMs: 'never' };
    const { rates } = this.#profile;
    if (this.#mutant.splitBatches === true && records.length > 1 && random.chance(0.1)) {
      return {
        ...normal,
        split: { at: random.between(1, records.length - 1), restAfterMs: random.chance(0.5) ? 'never' : random.between(1, 500) },
      };
    }
    const copies = this.#mutant.resend === true ? 0.1 : rates.duplicate;
    if (random.chance(copies)) return { ...normal, duplicateAfterMs: random.between(1, random.pick([5, 500, 8000])) };
    if (random.chance(rates.appendLost)) return { ...normal, deliverMs: 'never' };
    if (random.chance(rates.appendLate)) return { ...normal, deliverMs: random.between(50, 8000) };
    if (random.chance(rates.answerLost)) return { ...normal, answerMs: 'never' };
    return random.chance(rates.appendRefused) ? this.#refusal() : normal;
  }

  #refusal(): AppendFault {
    const refuse = { code: 'NOT_LEADER_OR_FOLLOWER', message: 'the broker wrote nothing' };
    return { deliverMs: 'never', answerMs: this.#random.between(1, 20), refuse };
  }

  read(): { delayMs: number; fail?: boolean; maxBytes?: number } {
    const delayMs = this.#random.between(1, 4);
    if (this.active && this.brokerAway) return { delayMs: 20, fail: true };
    return this.#random.chance(0.2) ? { delayMs, maxBytes: this.#random.between(1, 3000) } : { delayMs };
  }

  deliverMs(): number | undefined {
    return this.active && this.brokerAway ? undefined : this.#random.between(1, 10);
  }

  batchSize(): number {
    return this.#random.between(1, 20);
  }

  write(): { delayMs: number; outcome: 'written' | 'lost' | 'unheard' } {
    const delayMs = this.#random.between(1, 5);
    if (!this.active) return { delayMs, outcome: 'written' };
    if (this.brokerAway) return { delayMs, outcome: 'lost' };
    return { delayMs, outcome: this.#random.chance(this.#profile.rates.writeUnheard) ? this.#random.pick(['lost', 'unheard']) : 'written' };
  }

  boundsFail(): boolean {
    return this.active && this.brokerAway;
  }

  readonly statement: StoreFaults = (): StoreFault => {
    const random = this.#random;
    const normal = { runMs: random.between(1, 4), answerMs: random.between(1, 4) };
    if (!this.active) return normal;
    if (this.databaseAway) return { ...normal, fail: random.chance(0.8) ? 'before' : 'after' };
    const { rates } = this.#profile;
    if (random.chance(rates.statementFails)) return { ...normal, fail: random.pick(['before', 'after']) };
    return random.chance(rates.statementSlow) ? { ...normal, runMs: random.between(100, 6000) } : normal;
  };

  readonly heartbeat = (): HeartbeatFault => ({
    askMs: this.#random.between(1, 3),
    answerMs: this.#random.between(1, 3),
    away: this.active && this.brokerAway,
  });
}
