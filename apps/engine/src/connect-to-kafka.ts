import { kafkaSettingsOf, replyTopicsOf, type Settings } from '#config';
import {
  createKafka,
  type FormerSelf,
  type GroupDirectory,
  type GroupMembership,
  type GroupPeer,
  type KafkaCommandLog,
  type KafkaPartitionLog,
  type KafkaReplySink,
  type PartitionLoad,
} from '#kafka';
import type { Logger } from '#observability';
import type { Membership } from '#runtime';
import type { Assignment } from './records/take-over-parts.js';

export interface GroupEntry {
  readonly positions: () => ReadonlyMap<number, number>;
  readonly assigned: (change: Assignment) => void;
  /** Hands partitions off that another member is to have; never rejects. */
  readonly release: (partitions: readonly number[]) => Promise<void>;
  /** What each owned partition costs, for the assigner. */
  readonly loads: () => ReadonlyMap<number, PartitionLoad>;
  /** Partitions that another member should have. */
  readonly declined: () => readonly number[];
  /** Where the others watch this process. */
  readonly liveness: () => GroupPeer['liveness'] | undefined;
  /** Told after each assignment, under which member id this process is in the group and whom it is to watch. */
  readonly directory: (memberId: string, directory: GroupDirectory) => void;
}

/** An engine's connections to Kafka. */
export interface EngineKafka {
  readonly log: KafkaPartitionLog;
  readonly commands: KafkaCommandLog;
  readonly replies: KafkaReplySink;
  readonly membership: Membership;
  /** Prepares this process's place in the consumer group; once, before what follows. */
  enter(address: string, entry: GroupEntry): void;
  /** What a dead process of this name left in the group. Rejects when the group could not be asked. */
  formerSelves(): Promise<FormerSelf[]>;
  join(): void;
  /** Puts a dead member out of the group. Rejects when the coordinator did not do it. */
  evict(memberId: string): Promise<void>;
  /** Learns of a rebalance at once instead of at the next heartbeat. */
  beatSoon(): void;
  /** Joins again, so that the group sees this engine's present load. */
  rejoin(): void;
  owned(): ReadonlySet<number>;
  leave(): Promise<void>;
  close(): Promise<void>;
}

/** Checks or creates the topics and prepares the connections. Rejects with TransientError while Kafka is away, with FatalError where topics do not fit. */
export async function connectToKafka(settings: Settings, logger: Logger): Promise<EngineKafka> {
  const kafkaSettings = kafkaSettingsOf(settings, 'engine');
  const kafka = createKafka(kafkaSettings, (level, message, fields) => logger[level](fields ?? {}, message));
  try {
    await kafka.ensureTopics();
  } catch (error) {
    await kafka.close();
    throw error;
  }
  let group: GroupMembership | undefined;
  return {
    log: kafka.partitionLog(),
    commands: kafka.commandLog(),
    replies: kafka.replySink(replyTopicsOf(settings)),
    membership: {
      confirm: (partition) => group?.confirm(partition) ?? Promise.resolve('unknown'),
      generation: () => group?.generation() ?? -1,
    },
    enter(address, { positions, loads, declined, assigned, release, liveness, directory }) {
      group = kafka.membership({
        instanceId: settings.MILLRACE_INSTANCE_ID,
        address,
        positions,
        loads,
        declined,
        sessionTimeoutMs: settings.MILLRACE_SESSION_TIMEOUT_MS,
        meshLimit: settings.MILLRACE_MESH_LIMIT,
        liveness,
        onAssigned: assigned,
        onRelease: release,
        onDirectory: directory,
      });
    },
    formerSelves: () => group?.formerSelves(kafkaSettings.clientId) ?? Promise.resolve([]),
    join: () => group?.start(),
    evict: (memberId) => group?.evict(memberId) ?? Promise.resolve(),
    beatSoon: () => group?.beatSoon(),
    rejoin: () => group?.rejoin(),
    owned: () => new Set(group?.owned ?? []),
    async leave() {
      await group?.leave();
    },
    close: () => kafka.close(),
  };
}
