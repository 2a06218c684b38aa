import { setTimeout as delay } from 'node:timers/promises';
import kafkajs, { type Admin } from 'kafkajs';

const { ConfigResourceTypes, Kafka, logLevel } = kafkajs;

const eager = { 'segment.ms': '1000', 'segment.bytes': '1048576', 'min.compaction.lag.ms': '0', 'min.cleanable.dirty.ratio': '0.001' };
const usual = {
  'segment.ms': '604800000',
  'segment.bytes': '1073741824',
  'min.compaction.lag.ms': '86400000',
  'min.cleanable.dirty.ratio': '0.5',
};

/** Makes the broker compact the event log for a while, as it otherwise would after a day; then the settings are as they were. */
export async function forceCompaction(brokers: string, ms: number): Promise<void> {
  const admin = new Kafka({ brokers: [brokers], clientId: 'chaos-compaction', logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    await alter(admin, eager);
    await delay(ms);
  } finally {
    await alter(admin, usual);
    await admin.disconnect();
  }
}

async function alter(admin: Admin, settings: Readonly<Record<string, string>>): Promise<void> {
  const name = 'workflow.events';
  const described = await admin.describeConfigs({ resources: [{ type: ConfigResourceTypes.TOPIC, name }], includeSynonyms: false });
  const kept = (described.resources[0]?.configEntries ?? [])
    .filter(({ isDefault, configName }) => !isDefault && !(configName in settings))
    .map(({ configName, configValue }) => ({ name: configName, value: configValue }));
  const changed = Object.entries(settings).map(([key, value]) => ({ name: key, value }));
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name, configEntries: [...kept, ...changed] }],
  });
}
