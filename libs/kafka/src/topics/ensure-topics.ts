import kafkajs, { type Admin } from 'kafkajs';
import { FatalError, TransientError } from '#runtime';
import type { KafkaLog, KafkaSettings } from '../settings.js';
import { pause, within } from '../wire/within.js';
import { type PlannedTopic, planTopics, satisfies } from './topic-plan.js';

export interface TopicReport {
  readonly created: readonly string[];
  readonly checked: readonly string[];
  readonly brokers: number;
  /** What an operator should know, one sentence each. */
  readonly warnings: readonly string[];
}

// kafkajs is CommonJS and hides these from named imports.
const { ConfigResourceTypes, KafkaJSError } = kafkajs;

const boundMs = 20_000;
const servedPollMs = 50;

/**
 * Creates what is missing and checks what is there (L11). Rejects with FatalError `TOPICS_DIFFER` that lists every difference,
 * and with TransientError when Kafka does not answer: call again.
 */
export async function ensureTopics(admin: Admin, settings: KafkaSettings, log: KafkaLog): Promise<TopicReport> {
  try {
    return await within(ensure(admin, settings, log), boundMs, 'checking the topics');
  } catch (error) {
    if (error instanceof FatalError || error instanceof TransientError) throw error;
    throw new TransientError(`the topics cannot be checked: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

async function ensure(admin: Admin, settings: KafkaSettings, log: KafkaLog): Promise<TopicReport> {
  await admin.connect();
  const plan = planTopics(settings);
  const { brokers } = await admin.describeCluster();
  const existing = new Set(await admin.listTopics());
  const missing = plan.filter(({ topic }) => !existing.has(topic));
  await create(admin, missing, brokers.length);
  for (const { topic } of plan) await untilServed(admin, topic);
  const checked = plan.filter(({ topic }) => existing.has(topic));
  const warnings = brokers.length === 1 ? [singleBroker] : [];
  warnings.push(...(await check(admin, checked)));
  for (const warning of warnings) log('warn', warning);
  return { created: missing.map(({ topic }) => topic), checked: checked.map(({ topic }) => topic), brokers: brokers.length, warnings };
}

const singleBroker =
  'Kafka has a single broker: it acknowledges from the page cache, so a power loss may take acknowledged events with it (L11 will notice, not repair)';

async function create(admin: Admin, missing: readonly PlannedTopic[], brokers: number): Promise<void> {
  if (missing.length === 0) return;
  const factor = missing[0]?.replicationFactor ?? 1;
  if (factor > brokers) {
    throw new FatalError(
      'TOPICS_DIFFER',
      `the topics need ${factor} replicas but ${brokers} broker(s) are there: lower MILLRACE_REPLICATION_FACTOR`,
    );
  }
  try {
    const topics = missing.map(({ topic, partitions, replicationFactor, settings }) => ({
      topic,
      numPartitions: partitions,
      replicationFactor,
      configEntries: settings.map(({ name, value }) => ({ name, value })),
    }));
    await admin.createTopics({ topics, waitForLeaders: false });
  } catch (error) {
    if (!isRace(error)) throw error; // somebody else created them in the same moment, by the same plan
  }
}

/** A topic is in the metadata before its leaders serve it; until then an append would end in doubt for no reason. Bounded by the caller. */
async function untilServed(admin: Admin, topic: string): Promise<void> {
  const until = Date.now() + boundMs;
  for (;;) {
    try {
      await admin.fetchTopicOffsets(topic);
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
      await pause(servedPollMs, new AbortController().signal);
    }
  }
}

function isRace(error: unknown): boolean {
  const errors = error instanceof AggregateError || hasErrors(error) ? error.errors : [error];
  return errors.every((each) => each instanceof KafkaJSError && 'type' in each && each.type === 'TOPIC_ALREADY_EXISTS');
}

function hasErrors(error: unknown): error is { readonly errors: readonly unknown[] } {
  return typeof error === 'object' && error !== null && 'errors' in error && Array.isArray(error.errors);
}

/** Returns the advice; throws when a topic breaks a rule. */
async function check(admin: Admin, topics: readonly PlannedTopic[]): Promise<string[]> {
  if (topics.length === 0) return [];
  const broken: string[] = [...(await checkShape(admin, topics))];
  const advice: string[] = [];
  const actual = await readSettings(admin, topics);
  for (const { topic, settings } of topics) {
    for (const setting of settings) {
      const value = actual.get(topic)?.get(setting.name);
      if (satisfies(setting, value)) continue;
      const wanted = setting.rule === 'equals' ? setting.value : `at least ${setting.value}`;
      (setting.advice ? advice : broken).push(`${topic}: ${setting.name} is ${value ?? 'unknown'}, must be ${wanted}`);
    }
  }
  if (broken.length > 0) throw new FatalError('TOPICS_DIFFER', `existing topics do not fit; nothing was changed: ${broken.join('; ')}`);
  return advice;
}

async function checkShape(admin: Admin, topics: readonly PlannedTopic[]): Promise<string[]> {
  const differences: string[] = [];
  const metadata = await admin.fetchTopicMetadata({ topics: topics.map(({ topic }) => topic) });
  for (const { topic, partitions, replicationFactor } of topics) {
    const found = metadata.topics.find(({ name }) => name === topic)?.partitions ?? [];
    if (found.length !== partitions) {
      differences.push(
        `${topic}: has ${found.length} partitions, MILLRACE_PARTITIONS is ${partitions} (a workflow's partition depends on it)`,
      );
    }
    const fewest = Math.min(...found.map(({ replicas }) => replicas.length));
    if (fewest < replicationFactor)
      differences.push(`${topic}: has ${fewest} replica(s), MILLRACE_REPLICATION_FACTOR is ${replicationFactor}`);
  }
  return differences;
}

async function readSettings(admin: Admin, topics: readonly PlannedTopic[]): Promise<Map<string, Map<string, string>>> {
  const resources = topics.map(({ topic, settings }) => ({
    type: ConfigResourceTypes.TOPIC,
    name: topic,
    configNames: settings.map(({ name }) => name),
  }));
  const described = await admin.describeConfigs({ resources, includeSynonyms: false });
  return new Map(
    described.resources.map(({ resourceName, configEntries }) => [
      resourceName,
      new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  );
}
