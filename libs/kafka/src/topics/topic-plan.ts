import { topicsOf } from '#protocol';
import type { KafkaSettings } from '../settings.js';

const mebibyte = 1024 * 1024;
const dayMs = 86_400_000;

/** `max.message.bytes` of the event log; an append is cut at half of it (L3). */
export const maxEventBatchBytes = 4 * mebibyte;
/** Largest batch of commands and replies. */
export const maxCommandBatchBytes = 2 * mebibyte;
/** A rejected command carries more headers than it came with. */
export const maxRejectedBatchBytes = maxCommandBatchBytes + mebibyte;

/** How an existing topic must compare with a setting. */
export type SettingRule = 'equals' | 'atLeast';

export interface TopicSetting {
  readonly name: string;
  readonly value: string;
  readonly rule: SettingRule;
  /** Differences only warn. */
  readonly advice?: true;
}

export interface PlannedTopic {
  readonly topic: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly settings: readonly TopicSetting[];
}

/** Every topic of an installation, and what the rules of the log rest on. */
export function planTopics(settings: KafkaSettings): readonly PlannedTopic[] {
  const names = topicsOf(settings.topicPrefix);
  const { partitions, replicationFactor } = settings;
  const plan = (topic: string, ...own: readonly (readonly TopicSetting[])[]): PlannedTopic => ({
    topic,
    partitions,
    replicationFactor,
    settings: [...safe(replicationFactor), ...own.flat()],
  });
  const commandSize = largest(maxCommandBatchBytes);
  return [
    plan(names.events, compacted, appendTime, largest(maxEventBatchBytes)),
    plan(names.payloads, compacted, largest(maxEventBatchBytes)),
    plan(names.progress, compacted, commandSize),
    // Whatever codec a producer uses, the broker stores plain batches, so every command can be read and none is in the way.
    plan(names.commands, deleted(7 * dayMs), appendTime, commandSize, [
      { name: 'compression.type', value: 'uncompressed', rule: 'equals', advice: true },
    ]),
    plan(names.replies, deleted(dayMs), commandSize),
    plan(names.rejected, deleted(30 * dayMs), largest(maxRejectedBatchBytes)),
  ];
}

function safe(replicationFactor: number): readonly TopicSetting[] {
  return [
    { name: 'min.insync.replicas', value: replicationFactor > 1 ? '2' : '1', rule: 'atLeast' },
    { name: 'unclean.leader.election.enable', value: 'false', rule: 'equals' },
  ];
}

const compacted: readonly TopicSetting[] = [
  { name: 'cleanup.policy', value: 'compact', rule: 'equals' },
  { name: 'min.compaction.lag.ms', value: String(dayMs), rule: 'atLeast' },
];

const appendTime: readonly TopicSetting[] = [{ name: 'message.timestamp.type', value: 'LogAppendTime', rule: 'equals' }];

function deleted(retentionMs: number): readonly TopicSetting[] {
  return [
    { name: 'cleanup.policy', value: 'delete', rule: 'equals' },
    { name: 'retention.ms', value: String(retentionMs), rule: 'atLeast', advice: true },
  ];
}

function largest(bytes: number): readonly TopicSetting[] {
  return [{ name: 'max.message.bytes', value: String(bytes), rule: 'atLeast' }];
}

/** True when an existing value keeps what the plan asks for. -1 means "no limit". */
export function satisfies(setting: TopicSetting, actual: string | undefined): boolean {
  if (actual === undefined) return false;
  if (setting.rule === 'equals') return actual === setting.value;
  return Number(actual) === -1 || Number(actual) >= Number(setting.value);
}
