import { SeededRandom } from '#testing/memory';
import { type ProduceFault, produceFaults } from '../../../libs/kafka/src/testing/index.js';
import type { Remote } from '../world/door.js';

/** A process that faults happen to, by its place in the cluster; its instance id may change. */
export type Place = 'engine-1' | 'engine-2' | 'engine-3' | 'gateway' | 'projector';

/** One thing that goes wrong. Times are milliseconds. */
export type Fault =
  | { readonly kind: 'kill' | 'terminate'; readonly place: Place; readonly downMs: number; readonly sameId: boolean }
  | { readonly kind: 'freeze'; readonly place: Place; readonly ms: number }
  | { readonly kind: 'rolling-restart' }
  | { readonly kind: 'cut'; readonly place: Place; readonly remote: Remote; readonly times: number }
  | { readonly kind: 'shut' | 'silence'; readonly place: Place; readonly remote: Remote; readonly ms: number }
  | { readonly kind: 'slow'; readonly place: Place; readonly remote: Remote; readonly ms: number; readonly lateMs: number }
  /** Between two processes: their connections end, are refused, or carry nothing. */
  | { readonly kind: 'peers'; readonly place: Place; readonly other: Place; readonly how: 'shut' | 'silent'; readonly ms: number }
  /** The wall clock of an engine steps away from the true time, and back. */
  | { readonly kind: 'clock'; readonly place: Place; readonly offMs: number; readonly ms: number }
  | { readonly kind: 'produce'; readonly place: Place; readonly stages: readonly ProduceFault[] }
  /** A produce request is held until others own what its engine owned. */
  | { readonly kind: 'late-produce'; readonly place: Place; readonly ms: number; readonly dies: boolean }
  | { readonly kind: 'broker-restart' | 'postgres-restart'; readonly hard: boolean; readonly downMs: number }
  | { readonly kind: 'postgres-flaps'; readonly everyMs: readonly number[] }
  | { readonly kind: 'postgres-older'; readonly ageMs: number }
  | { readonly kind: 'compaction'; readonly ms: number };

export type FaultKind = Fault['kind'];

/** `pauseMs` after it the next one begins, where it does not begin beside it. */
export interface PlannedFault {
  readonly number: number;
  readonly fault: Fault;
  /** Whether the next one waits for its end. */
  readonly alone: boolean;
  readonly pauseMs: number;
}

const engines: readonly Place[] = ['engine-1', 'engine-2', 'engine-3'];

/** How many cards of each kind are in the deck; every kind comes once before any comes again as often. */
const deck: Readonly<Record<FaultKind, number>> = {
  kill: 4,
  terminate: 2,
  freeze: 4,
  'rolling-restart': 1,
  cut: 3,
  shut: 2,
  silence: 2,
  slow: 2,
  peers: 3,
  clock: 2,
  produce: 4,
  'late-produce': 2,
  'broker-restart': 2,
  'postgres-restart': 1,
  'postgres-flaps': 1,
  'postgres-older': 1,
  compaction: 1,
};

/** The endless schedule of faults of one seed. `gentle` keeps each short, for runs of a minute or two. */
export class FaultPlan {
  readonly #random: SeededRandom;
  #cards: FaultKind[] = [];
  #dealt = 0;

  constructor(
    seed: number,
    private readonly gentle: boolean,
  ) {
    this.#random = new SeededRandom(seed).fork();
  }

  next(): PlannedFault {
    const random = this.#random;
    if (this.#cards.length === 0) this.#cards = this.#shuffled();
    this.#dealt += 1;
    const fault = this.#draw(this.#cards.pop() ?? 'kill');
    return { number: this.#dealt, fault, alone: random.chance(0.75), pauseMs: random.between(300, this.gentle ? 2_500 : 6_000) };
  }

  #shuffled(): FaultKind[] {
    const cards = Object.entries(deck).flatMap(([kind, count]) => Array.from({ length: count }, () => kind as FaultKind));
    for (let i = cards.length - 1; i > 0; i -= 1) {
      const j = this.#random.between(0, i);
      [cards[i], cards[j]] = [cards[j] ?? 'kill', cards[i] ?? 'kill'];
    }
    return cards;
  }

  #draw(kind: FaultKind): Fault {
    const random = this.#random;
    const remote = random.chance(0.7) ? 'kafka' : 'postgres';
    const place = this.#place();
    const ms = random.between(500, this.gentle ? 4_000 : 15_000);
    switch (kind) {
      case 'kill':
      case 'terminate':
        return { kind, place, downMs: random.between(0, this.gentle ? 3_000 : 10_000), sameId: random.chance(0.6) };
      case 'freeze':
        return { kind, place: random.pick(engines), ms: this.#freezeMs() };
      case 'rolling-restart':
        return { kind };
      case 'cut':
        return { kind, place, remote, times: random.between(1, 6) };
      case 'shut':
      case 'silence':
        return { kind, place, remote, ms };
      case 'slow':
        return { kind, place, remote, ms, lateMs: random.between(20, 800) };
      case 'peers':
        return { kind, ...this.#pair(), how: random.pick(['shut', 'silent'] as const), ms: random.chance(0.3) ? 200 : ms };
      case 'clock':
        return { kind, place: random.pick(engines), offMs: random.pick([-1, 1]) * random.between(300, 60_000), ms };
      case 'produce':
        return {
          kind,
          place: random.pick(engines),
          stages: Array.from({ length: random.between(1, 4) }, () => random.pick(produceFaults)),
        };
      case 'late-produce':
        return { kind, place: random.pick(engines), ms: random.between(3_000, this.gentle ? 7_000 : 20_000), dies: random.chance(0.5) };
      case 'broker-restart':
      case 'postgres-restart':
        return { kind, hard: random.chance(0.6), downMs: random.between(0, this.gentle ? 2_000 : 8_000) };
      case 'postgres-flaps':
        return { kind, everyMs: Array.from({ length: this.gentle ? 2 : 5 }, () => random.between(5_000, 10_000)) };
      case 'postgres-older':
        return { kind, ageMs: random.between(3_000, this.gentle ? 5_000 : 30_000) };
      case 'compaction':
        return { kind, ms: 4_000 };
    }
  }

  /** From half a second to a minute, mostly long enough for a takeover. */
  #freezeMs(): number {
    if (this.gentle) return this.#random.between(500, 9_000);
    return this.#random.chance(0.15) ? this.#random.between(20_000, 60_000) : this.#random.between(500, 15_000);
  }

  /** Two engines, or the gateway and one. */
  #pair(): { place: Place; other: Place } {
    const place = this.#random.pick(engines);
    const others: readonly Place[] = ['gateway', ...engines.filter((engine) => engine !== place)];
    return { place, other: this.#random.pick(others) };
  }

  #place(): Place {
    return this.#random.chance(0.15) ? this.#random.pick<Place>(['gateway', 'projector']) : this.#random.pick(engines);
  }
}

/** `kill engine-2 sameId=true …`, for logs. */
export function faultText({ kind, ...rest }: Fault): string {
  return [kind, ...Object.entries(rest).map(([key, value]) => `${key}=${String(value)}`)].join(' ');
}
