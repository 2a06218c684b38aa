import { randomUUID } from 'node:crypto';
import type { ISocketFactory } from 'kafkajs';
import { createKafka, type KafkaConnection } from '../kafka-connection.js';
import type { KafkaSettings } from '../settings.js';

export interface TestKafka {
  readonly connection: KafkaConnection;
  readonly settings: KafkaSettings;
  /** A further process of the same installation. */
  another(clientId: string, socketFactory?: ISocketFactory, more?: Partial<KafkaSettings>): KafkaConnection;
  close(): Promise<void>;
}

/** Topics of its own on the test broker, created as at a first start. */
export async function testKafka(brokers: string, partitions: number): Promise<TestKafka> {
  const id = `t${randomUUID().slice(0, 8)}`;
  const settings: KafkaSettings = {
    brokers: [brokers],
    clientId: 'millrace-test',
    topicPrefix: id,
    groupId: id,
    partitions,
    replicationFactor: 1,
  };
  const quiet = (): void => undefined;
  const connection = createKafka(settings, quiet);
  const opened = [connection];
  await connection.ensureTopics();
  return {
    connection,
    settings,
    another: (clientId, socketFactory, more) => {
      const other = createKafka({ ...settings, clientId, ...(socketFactory ? { socketFactory } : {}), ...more }, quiet);
      opened.push(other);
      return other;
    },
    close: async () => {
      await Promise.all(opened.map((each) => each.close()));
    },
  };
}
