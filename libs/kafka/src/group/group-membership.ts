import type { Membership, MembershipAnswer } from '#runtime';
import type { KafkaLog } from '../settings.js';
import { pause } from '../wire/within.js';
import { type GroupPeer, watchable } from './consumer-protocol.js';
import { type Coordinator, kafkaTypeOf } from './coordinator.js';
import type { GroupMember } from './group-member.js';

/** A member of the group that has this process's name and is another process. */
export interface FormerSelf {
  readonly memberId: string;
  readonly peer?: GroupPeer;
}

export interface GroupMembershipOptions {
  readonly topic: string;
  /** The next offset to be read of each partition held, for `kafka-consumer-groups`; never ahead of the log. */
  readonly positions: () => ReadonlyMap<number, number>;
  readonly commitIntervalMs: number;
  readonly log: KafkaLog;
}

const tries = 4;
const settleMs = 400;

/** This process's place in the consumer group. Ownership is what the coordinator says, asked by heartbeat (L5). */
export class GroupMembership implements Membership {
  readonly #stop = new AbortController();
  readonly #committed = new Map<number, number>();
  #committing: Promise<void> | undefined;
  #asking: Promise<MembershipSeen> | undefined;
  #next: Promise<MembershipSeen> | undefined;

  constructor(
    private readonly options: GroupMembershipOptions,
    private readonly member: GroupMember,
    private readonly coordinator: Coordinator,
  ) {}

  start(): void {
    this.member.start();
    this.#committing ??= this.#commitLoop();
  }

  generation(): number {
    return this.member.generation;
  }

  get memberId(): string {
    return this.member.memberId;
  }

  /** Partitions of the latest assignment. */
  get owned(): readonly number[] {
    return this.member.owned;
  }

  /** Calls before the question goes out share it; a question under way is never joined, so an answer is never older than its call. */
  async confirm(partition: number): Promise<MembershipAnswer> {
    if (!this.member.holds(partition)) return 'notOwner';
    const seen = await this.#ask();
    if (seen === 'unknown') return 'unknown';
    return seen === 'member' && this.member.holds(partition) ? 'owner' : 'notOwner';
  }

  /** Learns of a rebalance at once instead of at the next heartbeat. */
  beatSoon(): void {
    this.member.beatSoon();
  }

  /** Joins again at once, so that the group sees this member's present load. */
  rejoin(): void {
    this.member.rejoin();
  }

  /** Puts a member out of the group that is known to be dead; one that is out already is no trouble. Rejects when the coordinator did not do it. */
  async evict(memberId: string): Promise<void> {
    try {
      await this.coordinator.leave(memberId);
    } catch (error) {
      if (kafkaTypeOf(error) !== 'UNKNOWN_MEMBER_ID') throw error;
    }
  }

  /**
   * Members that joined under this process's client id before it did: what a process of the same name left in the group when it died.
   * `peer`: where it could be asked whether it lives after all; unknown while the group rebalances. Rejects when the group could not be asked.
   */
  async formerSelves(clientId: string): Promise<FormerSelf[]> {
    const members = await this.coordinator.members();
    const former = members.filter((member) => member.clientId === clientId && member.memberId !== this.member.memberId);
    return former.map((member) => {
      const [peer] = watchable(member);
      return { memberId: member.memberId, ...(peer ? { peer } : {}) };
    });
  }

  /** Commits once more, then leaves the group so that others take over at once. Bounded; never rejects. */
  async leave(): Promise<void> {
    this.#stop.abort();
    await this.#committing;
    await this.#commit();
    const { memberId } = this.member;
    const stopping = this.member.stop();
    try {
      if (memberId !== '') await this.coordinator.leave(memberId);
    } catch (error) {
      this.options.log('warn', 'the group could not be told of leaving; its session will run out', { error: String(error) });
    }
    await stopping;
  }

  #ask(): Promise<MembershipSeen> {
    this.#next ??= this.#askAfter(this.#asking);
    return this.#next;
  }

  async #askAfter(before: Promise<MembershipSeen> | undefined): Promise<MembershipSeen> {
    await before;
    this.#asking = this.#next;
    this.#next = undefined;
    return this.#question();
  }

  /** L5: a rebalance under way still means member; an illegal generation is asked again with the current one. */
  async #question(): Promise<MembershipSeen> {
    for (let attempt = 0; attempt < tries; attempt += 1) {
      const { identity } = this.member;
      if (!identity) return 'stranger';
      const answer = await this.coordinator.beat(identity);
      if (answer === 'ok' || answer === 'rebalancing') return this.#member(answer);
      if (answer === 'unreachable') return 'unknown';
      if (answer === 'unknownMember') {
        this.member.evicted(identity.memberId);
        return 'stranger';
      }
      this.member.beatSoon();
      if (this.member.generation === identity.generation) await pause(settleMs, this.#stop.signal);
    }
    return 'unknown';
  }

  #member(answer: 'ok' | 'rebalancing'): MembershipSeen {
    if (answer === 'rebalancing') this.member.beatSoon();
    return 'member';
  }

  async #commitLoop(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await pause(this.options.commitIntervalMs, this.#stop.signal);
      if (!this.#stop.signal.aborted) await this.#commit();
    }
  }

  async #commit(): Promise<void> {
    const { identity } = this.member;
    if (!identity) return this.#committed.clear();
    try {
      const changed = new Map<number, number>();
      for (const [partition, offset] of this.options.positions()) {
        if (this.member.holds(partition) && this.#committed.get(partition) !== offset) changed.set(partition, offset);
      }
      if (changed.size === 0) return;
      await this.coordinator.commit(identity, this.options.topic, changed);
      for (const [partition, offset] of changed) this.#committed.set(partition, offset);
    } catch (error) {
      this.options.log('debug', 'positions were not committed; the next time will do', { error: String(error) });
    }
  }
}

type MembershipSeen = 'member' | 'stranger' | 'unknown';
