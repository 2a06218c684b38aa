import { Kafka, type Logger, logLevel } from 'kafkajs';
import type { KafkaLog, KafkaSettings } from './settings.js';

/** kafkajs's public client with its warnings and errors sent to `log`, and the logger that its inner classes take. */
export function createKafkajs(settings: KafkaSettings, log: KafkaLog): { readonly kafka: Kafka; readonly logger: Logger } {
  const kafka = new Kafka({
    brokers: [...settings.brokers],
    clientId: settings.clientId,
    ssl: settings.ssl ?? false,
    ...(settings.sasl ? { sasl: settings.sasl } : {}),
    ...(settings.socketFactory ? { socketFactory: settings.socketFactory } : {}),
    connectionTimeout: settings.connectTimeoutMs ?? 2_000,
    retry: { retries: 2, initialRetryTime: 100 }, // whoever waits for Kafka asks again and says so
    logLevel: logLevel.WARN,
    // kafkajs calls a lost connection and every rebalance an error; the adapter mends them and says so where it matters.
    logCreator: () => (entry) => log('debug', entry.log.message, { source: entry.namespace, error: entry.log.error }),
  });
  return { kafka, logger: kafka.logger() };
}
