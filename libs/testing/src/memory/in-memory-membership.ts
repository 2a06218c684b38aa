import type { Clock, Membership, MembershipAnswer } from '#runtime';
import { later } from './virtual-clock.js';

/** The group coordinator: who holds which partition, and since which generation. */
export class GroupCoordinator {
  #generation = 0;
  readonly #owners = new Map<number, { readonly instance: string; readonly since: number }>();

  assign(partition: number, instance: string | undefined): void {
    this.#generation += 1;
    if (instance === undefined) this.#owners.delete(partition);
    else this.#owners.set(partition, { instance, since: this.#generation });
  }

  ownerOf(partition: number): string | undefined {
    return this.#owners.get(partition)?.instance;
  }

  /** The generation in which the owner was given the partition. */
  ownedSince(partition: number): number {
    return this.#owners.get(partition)?.since ?? 0;
  }

  get generation(): number {
    return this.#generation;
  }
}

/** What happens to one heartbeat. */
export interface HeartbeatFault {
  readonly askMs: number;
  readonly answerMs: number;
  readonly away?: boolean;
}

/**
 * One member's way to ask the in-memory coordinator. `knows` says in which generation the member learnt that a partition is
 * its own: a heartbeat of an older one is refused (ILLEGAL_GENERATION), so what was lost and given back in between is
 * unknown until the member has been told.
 */
export class InMemoryMembership implements Membership {
  readonly #coordinator: GroupCoordinator;
  readonly #instance: string;
  readonly #clock: Clock;
  readonly #faults: () => HeartbeatFault;
  readonly #knows: ((partition: number) => number) | undefined;

  constructor(
    coordinator: GroupCoordinator,
    instance: string,
    clock: Clock,
    options: { readonly faults?: () => HeartbeatFault; readonly knows?: (partition: number) => number } = {},
  ) {
    this.#coordinator = coordinator;
    this.#instance = instance;
    this.#clock = clock;
    this.#faults = options.faults ?? (() => ({ askMs: 0, answerMs: 0 }));
    this.#knows = options.knows;
  }

  confirm(partition: number): Promise<MembershipAnswer> {
    const { askMs, answerMs, away } = this.#faults();
    return new Promise((resolve) => {
      later(this.#clock, askMs, () => {
        const answer = away === true ? 'unknown' : this.#answer(partition);
        later(this.#clock, answerMs, () => resolve(answer));
      });
    });
  }

  generation(): number {
    return this.#coordinator.generation;
  }

  #answer(partition: number): MembershipAnswer {
    if (this.#coordinator.ownerOf(partition) !== this.#instance) return 'notOwner';
    return this.#knows === undefined || this.#knows(partition) >= this.#coordinator.ownedSince(partition) ? 'owner' : 'unknown';
  }
}
