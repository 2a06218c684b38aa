import { kafkaSettingsOf, type Settings } from '#config';
import { createKafka, type KafkaConnection, type KafkaLog } from '#kafka';
import type { Logger } from '#observability';
import { KafkaEventFeed } from './kafka-event-feed.js';
import type { EventSource, PartitionMembership } from './projector-run.js';

/** The projector can wait a little: fewer polls while nothing happens. */
const pollMs = 200;

/** Connects to Kafka and creates or checks the topics. Rejects with TransientError while it is not there, with FatalError where the topics do not fit. */
export async function connectToEvents(settings: Settings, logger: Logger): Promise<EventSource> {
  const log: KafkaLog = (level, message, fields) => logger[level](fields ?? {}, message);
  const connection = createKafka(kafkaSettingsOf(settings, 'projector'), log);
  try {
    await connection.ensureTopics();
  } catch (error) {
    await connection.close();
    throw error;
  }
  return {
    feed: new KafkaEventFeed(connection.eventsReader(pollMs), connection.partitionLog()),
    membership: membershipOf(connection, settings),
    close: () => connection.close(),
  };
}

/** The projectors' own group: partitions are shared among them as among the engines. */
function membershipOf(connection: KafkaConnection, settings: Settings): PartitionMembership {
  let leave: () => Promise<void> = async () => undefined;
  return {
    async join(assigned, positions) {
      const membership = connection.membership({
        instanceId: settings.MILLRACE_INSTANCE_ID,
        address: `${settings.MILLRACE_ADMIN_HOST}:${settings.MILLRACE_ADMIN_PORT}`,
        topic: connection.topics.events,
        groupId: `${settings.MILLRACE_GROUP_ID}-projector`,
        onAssigned: ({ gained, kept }) => assigned([...kept, ...gained]),
        positions,
      });
      leave = () => membership.leave();
      membership.start();
    },
    leave: () => leave(),
  };
}
