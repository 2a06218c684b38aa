import type { Settings } from '#config';
import type { GroupDirectory, GroupPeer } from '#kafka';
import { type Departure, FailureDetector, type PeerStatus, type Suspicion } from '#liveness';
import type { Logger } from '#observability';
import type { EngineKafka } from './connect-to-kafka.js';
import { Evictions } from './evictions.js';
import { livenessCredentials } from './liveness-credentials.js';
import { MemberRoll } from './member-roll.js';
import type { Surroundings } from './records/cause.js';
import type { MemberRecords } from './records/member-records.js';

export interface ClusterWatchParts {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly kafka: Pick<EngineKafka, 'evict' | 'beatSoon'>;
  readonly records: MemberRecords;
  /** `host:port` of this engine, as others reach it. */
  readonly address: string;
}

/** This engine's eyes on the others: who is in the group, who answers, and what to do when one is dead (design §6). */
export class ClusterWatch {
  readonly #detector: FailureDetector | undefined;
  readonly #roll: MemberRoll;
  readonly #evictions: Evictions;
  #self: { memberId: string } | undefined;
  #directory: GroupDirectory | undefined;

  constructor(private readonly parts: ClusterWatchParts) {
    const { settings, logger, kafka } = parts;
    this.#roll = new MemberRoll(settings.MILLRACE_INSTANCE_ID, logger, parts.records);
    this.#detector = settings.MILLRACE_FAILURE_DETECTOR ? this.#createDetector() : undefined;
    this.#evictions = new Evictions({
      kafka,
      logger,
      withinMs: settings.MILLRACE_SESSION_TIMEOUT_MS,
      evicted: ({ peer, reason }) => {
        const { memberId, instance, liveness } = peer;
        this.#departed({ memberId, instance, process: liveness.process, reason, by: settings.MILLRACE_INSTANCE_ID });
        this.#detector?.announce({ memberId, instance, process: liveness.process, reason });
      },
    });
  }

  /** Opens the liveness port. Rejects where it is taken. */
  async start(): Promise<void> {
    await this.#detector?.start();
  }

  /** Where the others watch this process; undefined with the detector off. */
  liveness(): GroupPeer['liveness'] | undefined {
    return this.#detector?.liveness;
  }

  /** After each assignment. */
  assigned(memberId: string, directory: GroupDirectory): void {
    const { MILLRACE_INSTANCE_ID: instance } = this.parts.settings;
    if (this.#self?.memberId !== memberId) this.parts.records.joined({ instance, memberId }, this.parts.address);
    this.#self = { memberId };
    this.#directory = directory;
    this.#roll.read(directory);
    this.#detector?.watch(memberId, directory.peers);
  }

  /** Members by what is seen of them; those beyond the neighbours of a large group count by the group's word. */
  counts(): ReadonlyMap<PeerStatus, number> {
    const counts = new Map<PeerStatus, number>([
      ['up', this.#self ? 1 : 0],
      ['unreachable', 0],
      ['suspected', 0],
    ]);
    for (const status of this.#detector?.statuses.values() ?? []) counts.set(status, (counts.get(status) ?? 0) + 1);
    return counts;
  }

  /** The group at the latest assignment, and who went lately. */
  surroundings(): Surroundings {
    const self = this.parts.settings.MILLRACE_INSTANCE_ID;
    const { members = 0, peers = [] } = this.#directory ?? {};
    const knowsAll = this.#detector !== undefined && peers.length === members - 1;
    const instances = new Set([self, ...peers.map((peer) => peer.instance)]);
    return { self, departures: this.#roll.departures, members: knowsAll ? instances : undefined };
  }

  /** Before this process leaves the group by its own will: whoever takes a partition over shall know that nobody died. */
  leaving(): void {
    if (!this.#self || !this.#detector) return;
    const { process } = this.#detector;
    const instance = this.parts.settings.MILLRACE_INSTANCE_ID;
    this.#detector.announce({ memberId: this.#self.memberId, instance, process, reason: 'left' });
  }

  /** After it has left: the others need not wait for their next heartbeat. */
  async leave(): Promise<void> {
    const { settings, records } = this.parts;
    if (this.#self) records.left({ instance: settings.MILLRACE_INSTANCE_ID, memberId: this.#self.memberId }, 'left');
    this.leaving();
    this.#evictions.stop();
    await this.#detector?.stop();
  }

  #createDetector(): FailureDetector {
    const { settings, logger } = this.parts;
    return new FailureDetector({
      credentials: livenessCredentials(settings),
      host: settings.MILLRACE_ENGINE_HOST,
      port: settings.MILLRACE_LIVENESS_PORT,
      limits: {
        pingIntervalMs: settings.MILLRACE_PING_INTERVAL_MS,
        missedPings: settings.MILLRACE_MISSED_PINGS,
        stallAfterMs: settings.MILLRACE_STALL_AFTER_MS,
      },
      holdDownMs: settings.MILLRACE_EVICTION_HOLD_MS,
      endStalledAfterMs: settings.MILLRACE_END_STALLED_AFTER_MS,
      onSuspicion: (suspicion) => this.#suspected(suspicion),
      onDeparture: (departure) => this.#departed(departure),
      log: (level, message, fields) => logger[level](fields, message),
    });
  }

  #suspected(suspicion: Suspicion): void {
    const { peer, reason, silentMs, observers } = suspicion;
    const fields = { event: 'member.suspected', member: peer.instance, memberId: peer.memberId, reason, silentMs, observers };
    this.parts.logger.warn(fields, `${peer.instance} is taken for dead (${reason}): it is put out of the group`);
    this.parts.records.suspected(peer, reason, observers);
    this.#evictions.begin(suspicion);
  }

  #departed(departure: Omit<Departure, 'id'>): void {
    this.#roll.departed(departure);
    this.#evictions.done(departure.memberId);
    this.parts.kafka.beatSoon();
  }
}
