import type { KafkaLog } from '../settings.js';
import type { DescribedGroup } from '../wire/kafkajs-internals.js';
import type { Wire } from '../wire/wire.js';
import { pause, within } from '../wire/within.js';
import { decodeAssignment, decodeMember } from './consumer-protocol.js';
import { kafkaTypeOf } from './coordinator.js';

/** A process in the group. `address`: `host:port` it is reached by. */
export interface GroupMemberView {
  readonly memberId: string;
  readonly clientId: string;
  readonly instanceId: string;
  readonly address: string;
  readonly partitions: readonly number[];
}

export interface GroupViewOptions {
  readonly groupId: string;
  readonly topic: string;
  readonly partitions: number;
  readonly refreshEveryMs: number;
  readonly log: KafkaLog;
}

const askMs = 2_000;
/** While the group rebalances, its outcome is near. */
const unsettledRefreshMs = 100;
const settledStates: ReadonlySet<string> = new Set(['Stable', 'Empty', 'Dead']);

/** Who owns what, as the group's coordinator describes it: refreshed by itself and on demand. While the group rebalances, its last assignment stands. */
export class GroupView {
  readonly #stop = new AbortController();
  #members: readonly GroupMemberView[] = [];
  #owners: ReadonlyMap<number, GroupMemberView> = new Map();
  #state = 'Unknown';
  #trouble: string | undefined = 'the group was not asked yet';
  #nodeId: number | undefined;
  #asking: Promise<void> | undefined;
  #running: Promise<void> | undefined;

  constructor(
    private readonly options: GroupViewOptions,
    private readonly wire: Wire,
  ) {}

  get partitions(): number {
    return this.options.partitions;
  }

  /** Kafka's word for the group's state: Stable, PreparingRebalance, CompletingRebalance, Empty, Dead; Unknown before the first answer. */
  get state(): string {
    return this.#state;
  }

  members(): readonly GroupMemberView[] {
    return this.#members;
  }

  ownerOf(partition: number): GroupMemberView | undefined {
    return this.#owners.get(partition);
  }

  /** Why the view is not current; undefined while it is. */
  trouble(): string | undefined {
    return this.#trouble;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Asks now; calls meanwhile share the answer. Never rejects: `trouble` says what went wrong. */
  refresh(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.refresh();
      const isMoving = this.#trouble === undefined && !settledStates.has(this.#state);
      await pause(isMoving ? Math.min(unsettledRefreshMs, this.options.refreshEveryMs) : this.options.refreshEveryMs, this.#stop.signal);
    }
  }

  async #ask(): Promise<void> {
    try {
      const described = await within(this.#describe(), askMs, 'describing the group');
      this.#learn(described);
      this.#trouble = undefined;
    } catch (error) {
      if (this.#nodeId !== undefined && kafkaTypeOf(error) === undefined) this.wire.drop(this.#nodeId);
      this.#nodeId = undefined;
      const message = error instanceof Error ? error.message : String(error);
      if (this.#trouble === undefined) this.options.log('warn', 'the consumer group cannot be described', { error: message });
      this.#trouble = message;
    }
  }

  async #describe(): Promise<DescribedGroup | undefined> {
    const { groupId } = this.options;
    const found = this.#nodeId === undefined ? await this.wire.coordinator(groupId) : undefined;
    this.#nodeId ??= found?.nodeId;
    const broker = found?.broker ?? (await this.wire.broker(this.#nodeId ?? -1));
    try {
      return (await broker.describeGroups({ groupIds: [groupId] })).groups[0];
    } catch (error) {
      if (kafkaTypeOf(error) === 'GROUP_ID_NOT_FOUND') return undefined;
      throw error;
    }
  }

  #learn(group: DescribedGroup | undefined): void {
    this.#state = group?.state ?? 'Dead';
    if (!settledStates.has(this.#state)) return; // assignments are hidden while it rebalances
    this.#members = (group?.members ?? []).map((member) => {
      const data = decodeMember(member.memberMetadata);
      return {
        memberId: member.memberId,
        clientId: member.clientId,
        instanceId: data?.instance ?? member.clientId,
        address: data?.address ?? member.clientHost,
        partitions: decodeAssignment(this.options.topic, member.memberAssignment),
      };
    });
    this.#owners = new Map(this.#members.flatMap((member) => member.partitions.map((partition) => [partition, member] as const)));
  }
}
