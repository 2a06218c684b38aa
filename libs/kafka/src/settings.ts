import type { ISocketFactory, SASLOptions } from 'kafkajs';

/** How to reach Kafka and what belongs to this installation there. */
export interface KafkaSettings {
  /** `host:port` each. */
  readonly brokers: readonly string[];
  readonly ssl?: boolean;
  readonly sasl?: SASLOptions;
  /** `millrace-<app>-<instanceId>`. */
  readonly clientId: string;
  readonly topicPrefix: string;
  readonly groupId: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  /** How long an append may take before its outcome is `unknown`, ms. Default 3,000 (L5). */
  readonly appendTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  /** Overrides how sockets are made (proxies, tests). */
  readonly socketFactory?: ISocketFactory;
}

/** Receives what the adapter has to say; fields are JSON-safe. */
export type KafkaLog = (level: 'debug' | 'info' | 'warn' | 'error', message: string, fields?: Readonly<Record<string, unknown>>) => void;
