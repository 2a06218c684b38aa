import type { Settings } from '#config';
import { type CommandProducer, createKafka, type KafkaLog, type KafkaSettings } from '#kafka';
import type { Logger } from '#observability';
import { commandHeaders, partitionOf } from '#protocol';
import type { KafkaConnection, ReplyListener } from '../lifecycle/kafka-side.js';
import type { CommandSender, OutgoingCommand, SendOutcome } from '../ports/command-sender.js';

/**
 * Reaches Kafka once: creates or checks the topics, reads one partition of the replies, knows the group. Rejects with
 * TransientError when it is away, with FatalError when the topics differ; nothing stays open then.
 */
export async function openKafka(settings: Settings, logger: Logger, listener: ReplyListener): Promise<KafkaConnection> {
  const log: KafkaLog = (level, message, fields) => logger[level](fields ?? {}, message);
  const kafka = createKafka(kafkaSettings(settings), log);
  try {
    await kafka.ensureTopics();
    // Any gateway may share the partition: correlation ids tell them apart.
    const replyPartition = partitionOf(settings.MILLRACE_INSTANCE_ID, settings.MILLRACE_PARTITIONS);
    const replies = kafka.replyReader(replyPartition);
    replies.onReply(listener);
    await replies.start();
    const directory = kafka.groupView();
    await directory.refresh();
    directory.start();
    const close = async (): Promise<void> => {
      await directory.close();
      await kafka.close();
    };
    const sender = new KafkaCommandSender(kafka.commandProducer(settings.MILLRACE_REQUEST_TIMEOUT_MS));
    return { sender, directory, replyTopic: kafka.topics.replies, replyPartition, close };
  } catch (error) {
    await kafka.close();
    throw error;
  }
}

/** Puts commands on the wire with their headers. */
class KafkaCommandSender implements CommandSender {
  constructor(private readonly producer: CommandProducer) {}

  async send({ command, key, partition, reply, traceparent }: OutgoingCommand): Promise<SendOutcome> {
    const headers: Record<string, string> = {};
    if (reply) {
      headers[commandHeaders.replyTopic] = reply.topic;
      headers[commandHeaders.replyPartition] = String(reply.partition);
      headers[commandHeaders.correlationId] = reply.correlationId;
    }
    if (traceparent !== undefined) headers[commandHeaders.traceparent] = traceparent;
    const outcome = await this.producer.send({ key, partition, value: JSON.stringify(command), headers });
    if (outcome.status !== 'notWritten') return outcome;
    return { ...outcome, isTooLarge: outcome.code === 'BATCH_TOO_LARGE' };
  }
}

function kafkaSettings(settings: Settings): KafkaSettings {
  const {
    MILLRACE_KAFKA_SASL_MECHANISM: mechanism,
    MILLRACE_KAFKA_SASL_USERNAME: username,
    MILLRACE_KAFKA_SASL_PASSWORD: password,
  } = settings;
  const hasSasl = mechanism !== undefined && username !== undefined && password !== undefined;
  return {
    brokers: settings.MILLRACE_KAFKA_BROKERS,
    ssl: settings.MILLRACE_KAFKA_SSL,
    ...(hasSasl ? { sasl: { mechanism, username, password } as NonNullable<KafkaSettings['sasl']> } : {}),
    clientId: `millrace-gateway-${settings.MILLRACE_INSTANCE_ID}`,
    topicPrefix: settings.MILLRACE_TOPIC_PREFIX,
    groupId: settings.MILLRACE_GROUP_ID,
    partitions: settings.MILLRACE_PARTITIONS,
    replicationFactor: settings.MILLRACE_REPLICATION_FACTOR,
  };
}
