import type { Broker, DescribedGroup } from '../wire/kafkajs-internals.js';
import type { Wire } from '../wire/wire.js';
import { within } from '../wire/within.js';

/** What the coordinator says to a heartbeat; `unreachable` also when it is moving. */
export type BeatAnswer = 'ok' | 'rebalancing' | 'illegalGeneration' | 'unknownMember' | 'unreachable';

export interface MemberIdentity {
  readonly groupId: string;
  readonly memberId: string;
  readonly generation: number;
}

const askMs = 2_000;
const answers: Readonly<Record<string, BeatAnswer>> = {
  REBALANCE_IN_PROGRESS: 'rebalancing',
  ILLEGAL_GENERATION: 'illegalGeneration',
  UNKNOWN_MEMBER_ID: 'unknownMember',
};

/** Short questions to a group's coordinator over connections of their own, so that none waits behind a join. */
export class Coordinator {
  #nodeId: number | undefined;

  constructor(
    private readonly wire: Wire,
    private readonly groupId: string,
  ) {}

  /** Never rejects. */
  async beat({ groupId, memberId, generation }: MemberIdentity): Promise<BeatAnswer> {
    try {
      await this.#ask((broker) => broker.heartbeat({ groupId, memberId, groupGenerationId: generation }), 'the heartbeat');
      return 'ok';
    } catch (error) {
      return answers[kafkaTypeOf(error) ?? ''] ?? 'unreachable';
    }
  }

  /** Rejects when not committed. `offsets`: the next offset to be read, by partition. */
  async commit({ groupId, memberId, generation }: MemberIdentity, topic: string, offsets: ReadonlyMap<number, number>): Promise<void> {
    const partitions = [...offsets].map(([partition, offset]) => ({ partition, offset: String(offset) }));
    const request = { groupId, memberId, groupGenerationId: generation, topics: [{ topic, partitions }] };
    await this.#ask((broker) => broker.offsetCommit(request), 'the offset commit');
  }

  /** Takes a member out of the group; also somebody else's that is known to be dead. Rejects when not done. */
  async leave(memberId: string): Promise<void> {
    await this.#ask((broker) => broker.leaveGroup({ groupId: this.groupId, memberId }), 'leaving the group');
  }

  /** The members as the group knows them; their metadata is empty while it rebalances. Rejects when nobody could be asked. */
  async members(): Promise<DescribedGroup['members']> {
    const { groupId } = this;
    const describe = (broker: Broker) => broker.describeGroups({ groupIds: [groupId] });
    try {
      const described = await this.#ask(describe, 'describing the group');
      return described.groups[0]?.members ?? [];
    } catch (error) {
      if (kafkaTypeOf(error) === 'GROUP_ID_NOT_FOUND') return []; // nobody has joined yet
      throw error;
    }
  }

  async #ask<T>(question: (broker: Broker) => Promise<T>, what: string): Promise<T> {
    try {
      return await within(this.#find().then(question), askMs, what);
    } catch (error) {
      if (!((kafkaTypeOf(error) ?? '') in answers)) this.#forget(error);
      throw error;
    }
  }

  async #find(): Promise<Broker> {
    if (this.#nodeId !== undefined) return this.wire.broker(this.#nodeId);
    const { nodeId, broker } = await this.wire.coordinator(this.groupId);
    this.#nodeId = nodeId;
    return broker;
  }

  #forget(error: unknown): void {
    if (this.#nodeId !== undefined && kafkaTypeOf(error) === undefined) this.wire.drop(this.#nodeId); // a socket, not an answer
    this.#nodeId = undefined;
  }
}

/** Kafka's name for an error that a broker answered; undefined for trouble on the way. */
export function kafkaTypeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('type' in error)) return undefined;
  return typeof error.type === 'string' ? error.type : undefined;
}
