import type { Settings } from './settings.js';

type Sasl =
  | { readonly mechanism: 'plain'; readonly username: string; readonly password: string }
  | { readonly mechanism: 'scram-sha-256'; readonly username: string; readonly password: string }
  | { readonly mechanism: 'scram-sha-512'; readonly username: string; readonly password: string };

/** What the Kafka adapter takes, from an app's settings; the client id is `millrace-<app>-<instanceId>` (contract §9). */
export function kafkaSettingsOf(settings: Settings, app: string) {
  const sasl = saslOf(settings);
  return {
    brokers: settings.MILLRACE_KAFKA_BROKERS,
    ssl: settings.MILLRACE_KAFKA_SSL,
    ...(sasl ? { sasl } : {}),
    clientId: `millrace-${app}-${settings.MILLRACE_INSTANCE_ID}`,
    topicPrefix: settings.MILLRACE_TOPIC_PREFIX,
    groupId: settings.MILLRACE_GROUP_ID,
    partitions: settings.MILLRACE_PARTITIONS,
    replicationFactor: settings.MILLRACE_REPLICATION_FACTOR,
  };
}

/** Reply topics that commands may name: the setting, or the installation's own. */
export function replyTopicsOf(settings: Settings): readonly string[] {
  const given = settings.MILLRACE_REPLY_TOPICS?.split(',').map((topic) => topic.trim());
  return given?.filter((topic) => topic !== '') ?? [`${settings.MILLRACE_TOPIC_PREFIX}.replies*`];
}

function saslOf(settings: Settings): Sasl | undefined {
  const {
    MILLRACE_KAFKA_SASL_MECHANISM: mechanism,
    MILLRACE_KAFKA_SASL_USERNAME: username,
    MILLRACE_KAFKA_SASL_PASSWORD: password,
  } = settings;
  if (mechanism === undefined || username === undefined || password === undefined) return undefined;
  return { mechanism, username, password };
}
