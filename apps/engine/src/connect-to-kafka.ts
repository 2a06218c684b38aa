import { kafkaSettingsOf, replyTopicsOf, type Settings } from '#config';
import { createKafka, type GroupMembership, type KafkaCommandLog, type KafkaPartitionLog, type KafkaReplySink } from '#kafka';
import type { Logger } from '#observability';
import type { Membership } from '#runtime';
import type { AssignmentChange } from './partition-supervisor.js';

export interface GroupEntry {
  readonly address: string;
  readonly positions: () => ReadonlyMap<number, number>;
  readonly assigned: (change: AssignmentChange) => void;
}

/** An engine's connections to Kafka. */
export interface EngineKafka {
  readonly log: KafkaPartitionLog;
  readonly commands: KafkaCommandLog;
  readonly replies: KafkaReplySink;
  readonly membership: Membership;
  /** Joins the consumer group; once. */
  join(entry: GroupEntry): void;
  owned(): ReadonlySet<number>;
  leave(): Promise<void>;
  close(): Promise<void>;
}

/** Checks or creates the topics and prepares the connections. Rejects with TransientError while Kafka is away, with FatalError where topics do not fit. */
export async function connectToKafka(settings: Settings, logger: Logger): Promise<EngineKafka> {
  const kafka = createKafka(kafkaSettingsOf(settings, 'engine'), (level, message, fields) => logger[level](fields ?? {}, message));
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
    join({ address, positions, assigned }) {
      group = kafka.membership({ instanceId: settings.MILLRACE_INSTANCE_ID, address, positions, onAssigned: assigned });
      group.start();
    },
    owned: () => new Set(group?.owned ?? []),
    async leave() {
      await group?.leave();
    },
    close: () => kafka.close(),
  };
}
