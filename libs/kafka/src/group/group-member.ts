import type { KafkaLog } from '../settings.js';
import type { Broker } from '../wire/kafkajs-internals.js';
import type { Wire } from '../wire/wire.js';
import { pause, within } from '../wire/within.js';
import { encodeAssignments } from './assigner/assign-members.js';
import type { PartitionLoad } from './assigner/claim.js';
import { reportLoads } from './assigner/load-report.js';
import { stickyProtocol } from './assigner/sticky-assigner.js';
import { decodeAssignment, decodeDirectory, encodeMember, type GroupDirectory, type GroupPeer } from './consumer-protocol.js';
import { type BeatAnswer, type Coordinator, kafkaTypeOf, type MemberIdentity } from './coordinator.js';
import { HandOvers } from './hand-overs.js';

/** What a rebalance changed. A partition in both `lost` and `gained` may have had another owner in between: recover it. */
export interface AssignmentChange {
  readonly generation: number;
  /** From the first try to join to this assignment, ms; 0 for an eviction. */
  readonly joinMs: number;
  readonly gained: readonly number[];
  readonly kept: readonly number[];
  readonly lost: readonly number[];
}

export interface GroupMemberOptions {
  readonly groupId: string;
  readonly topic: string;
  readonly partitions: number;
  readonly instanceId: string;
  /** `host:port` that others reach this process by; shown to the group. */
  readonly address: string;
  readonly heartbeatIntervalMs: number;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  /** Members up to which everybody watches everybody; beyond it each watches its neighbours in a ring. */
  readonly meshLimit: number;
  /** Where the others watch this process; asked at each join. Undefined: they cannot. */
  readonly liveness: () => GroupPeer['liveness'] | undefined;
  /** What each owned partition costs, as far as measured; asked at each join. */
  readonly loads: () => ReadonlyMap<number, PartitionLoad>;
  /** Partitions that another member should have; asked at each join. Absent: none. */
  readonly declined?: () => readonly number[];
  readonly onAssigned: (change: AssignmentChange) => void;
  /** Brings partitions of the latest assignment to their end in good order, so that another member may have them. Never rejects. Absent: what moves is lost at once. */
  readonly onRelease?: (partitions: readonly number[]) => Promise<void>;
  /** Told after each assignment, under which member id this process is in the group and whom it is to watch. */
  readonly onDirectory: (memberId: string, directory: GroupDirectory) => void;
  readonly log: KafkaLog;
}

/** What joining needs of a wire. */
interface JoinWire extends Pick<Wire, 'drop' | 'close'> {
  coordinator(groupId: string): Promise<{ readonly nodeId: number; readonly broker: Pick<Broker, 'joinGroup' | 'syncGroup'> }>;
}

const joinMarginMs = 6_000;
const firstBackoffMs = 50;
const maxBackoffMs = 1_000;

/**
 * One member of a consumer group: joins, syncs and beats until stopped, and begins again by itself after any trouble. It never
 * fetches, so nothing in the process can keep it from beating but a blocked event loop.
 */
export class GroupMember {
  readonly #stop = new AbortController();
  #memberId = '';
  #generation = -1;
  #owned: readonly number[] = [];
  /** What the latest assignment held, even when it was lost since: offered to the next one for stickiness. */
  #claim: readonly number[] = [];
  #beatNow = new AbortController();
  #rejoinAsked = false;
  #joiningSince: number | undefined;
  readonly #handOvers: HandOvers;
  /** Handed over since the latest assignment: the next one tells of it. */
  #handedOver: readonly number[] = [];
  #running: Promise<void> | undefined;

  constructor(
    private readonly options: GroupMemberOptions,
    private readonly joins: JoinWire,
    private readonly coordinator: Pick<Coordinator, 'beat'>,
  ) {
    this.#handOvers = new HandOvers(options.onRelease);
  }

  /** Who this is in the generation of the assignment it holds; undefined before the first and after an eviction. */
  get identity(): MemberIdentity | undefined {
    if (this.#memberId === '' || this.#generation < 0) return undefined;
    return { groupId: this.options.groupId, memberId: this.#memberId, generation: this.#generation };
  }

  get memberId(): string {
    return this.#memberId;
  }

  get generation(): number {
    return this.#generation;
  }

  holds(partition: number): boolean {
    return this.#owned.includes(partition);
  }

  get owned(): readonly number[] {
    return this.#owned;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends the loop and cuts a join under way. Whoever stops it leaves the group through the coordinator. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#beatNow.abort();
    this.joins.close();
    await this.#running;
  }

  /** Beats at once instead of at the next interval, to learn of a rebalance. */
  beatSoon(): void {
    this.#beatNow.abort();
  }

  /** Joins again at once, so that the group sees what this member reports now. */
  rejoin(): void {
    this.#rejoinAsked = true;
    this.beatSoon();
  }

  /** The group does not know this member any more: somebody else may own what it had, or will. */
  evicted(memberId: string): void {
    if (memberId !== this.#memberId || this.#stop.signal.aborted) return; // an old answer, or it has just left
    this.#memberId = '';
    this.options.log('warn', 'the group has put this member out; it joins again', { memberId });
    this.#change(this.#generation, []);
    this.beatSoon();
  }

  async #run(): Promise<void> {
    let backoff = firstBackoffMs;
    while (!this.#stop.signal.aborted) {
      try {
        await this.#joinAndSync();
        backoff = firstBackoffMs;
        await this.#beatUntilRebalance();
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.#onTrouble(error);
        await pause(backoff * (0.5 + Math.random() / 2), this.#stop.signal);
        backoff = Math.min(maxBackoffMs, backoff * 2);
      }
    }
  }

  async #joinAndSync(): Promise<void> {
    const { groupId, topic, sessionTimeoutMs, rebalanceTimeoutMs, instanceId: instance, address } = this.options;
    const liveness = this.options.liveness();
    this.#rejoinAsked = false;
    this.#joiningSince ??= performance.now();
    const owned = [...this.#claim];
    const load = reportLoads(owned, this.options.loads());
    const declined = [...(this.options.declined?.() ?? [])];
    const handsOver = this.#handOvers.isAble;
    const metadata = encodeMember(topic, { instance, address, liveness, owned, generation: this.#generation, load, declined, handsOver });
    const { nodeId, broker } = await within(this.joins.coordinator(groupId), joinMarginMs, 'finding the coordinator');
    try {
      const request = {
        groupId,
        memberId: this.#memberId,
        sessionTimeout: sessionTimeoutMs,
        rebalanceTimeout: rebalanceTimeoutMs,
        groupProtocols: [{ name: stickyProtocol, metadata }],
      };
      const joined = await within(broker.joinGroup(request), rebalanceTimeoutMs + joinMarginMs, 'joining the group');
      this.#memberId = joined.memberId;
      const groupAssignment = joined.leaderId === joined.memberId ? encodeAssignments(joined.members, this.options) : [];
      const sync = { groupId, memberId: joined.memberId, generationId: joined.generationId, groupAssignment };
      const synced = await within(broker.syncGroup(sync), rebalanceTimeoutMs + joinMarginMs, 'syncing the group');
      this.#synced(joined.generationId, decodeAssignment(topic, synced.memberAssignment), decodeDirectory(synced.memberAssignment));
    } catch (error) {
      if (kafkaTypeOf(error) === undefined) this.joins.drop(nodeId);
      throw error;
    }
  }

  /** What is to be released and is not held (its hand-over ended while this join was under way) is not begun again: it is nobody's at once. */
  #synced(generation: number, assigned: readonly number[], directory: GroupDirectory | undefined): void {
    const release = directory?.release ?? [];
    const over = release.filter((partition) => !this.holds(partition));
    this.#handOvers.settling = directory?.settling === true;
    this.#change(
      generation,
      assigned.filter((partition) => !over.includes(partition)),
    );
    if (directory) this.options.onDirectory(this.#memberId, directory);
    void this.#handOver(release);
    if (over.length > 0) this.rejoin();
  }

  /** Ends what is to move, and joins again without it. */
  async #handOver(partitions: readonly number[]): Promise<void> {
    const over = await this.#handOvers.run(partitions.filter((partition) => this.holds(partition)));
    const isLeft = (partition: number) => !over.includes(partition);
    this.#claim = this.#claim.filter(isLeft);
    if (this.#owned.every(isLeft)) return; // it was lost meanwhile
    this.#handedOver = [...this.#handedOver, ...this.#owned.filter((partition) => !isLeft(partition))];
    this.#owned = this.#owned.filter(isLeft);
    if (!this.#stop.signal.aborted) this.rejoin();
  }

  /** A generation that this member did not sync may have given its partitions to another and back: then none counts as kept (L8). */
  #change(generation: number, assigned: readonly number[]): void {
    const before = this.#owned;
    const unbroken = generation === this.#generation + 1 || generation === this.#generation; // the same again: it joined and nothing was new
    const kept = unbroken ? assigned.filter((partition) => before.includes(partition)) : [];
    const gained = assigned.filter((partition) => !kept.includes(partition));
    const lost = [...this.#handedOver, ...before.filter((partition) => !kept.includes(partition))];
    this.#handedOver = [];
    this.#owned = assigned;
    if (this.#memberId !== '') this.#claim = assigned;
    this.#generation = generation;
    const joinMs = Math.round(performance.now() - (this.#joiningSince ?? performance.now()));
    this.#joiningSince = undefined;
    this.#handOvers.begunAnew(gained);
    this.options.onAssigned({ generation, joinMs, gained, kept, lost });
  }

  async #beatUntilRebalance(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await pause(this.#handOvers.beatMs(this.options.heartbeatIntervalMs), this.#beatNow.signal);
      this.#beatNow = new AbortController();
      const { identity } = this;
      if (!identity || this.#rejoinAsked) return;
      const answer: BeatAnswer = await this.coordinator.beat(identity);
      if (answer === 'unknownMember') this.evicted(identity.memberId);
      if (answer !== 'ok' && answer !== 'unreachable') return;
    }
  }

  #onTrouble(error: unknown): void {
    const type = kafkaTypeOf(error);
    const message = error instanceof Error ? error.message : String(error);
    if (type === 'UNKNOWN_MEMBER_ID') this.evicted(this.#memberId);
    else if (type === 'REBALANCE_IN_PROGRESS') this.options.log('debug', 'the group moved on during a join', { error: message });
    else
      this.options.log('warn', 'this process is not in the group now; it tries again', { groupId: this.options.groupId, error: message });
  }
}
