import type { Admin } from 'kafkajs';
import { type Topics, topicsOf } from '#protocol';
import { CommandProducer } from './gateway/command-producer.js';
import { ReplyReader } from './gateway/reply-reader.js';
import { Coordinator } from './group/coordinator.js';
import { GroupMember, type GroupMemberOptions } from './group/group-member.js';
import { GroupMembership } from './group/group-membership.js';
import { GroupView } from './group/group-view.js';
import { createKafkajs } from './kafkajs-log.js';
import { EventsReader } from './log/events-reader.js';
import { KafkaCommandLog } from './log/kafka-command-log.js';
import { KafkaPartitionLog } from './log/kafka-partition-log.js';
import { KafkaReplySink } from './log/kafka-reply-sink.js';
import type { KafkaLog, KafkaSettings } from './settings.js';
import { ensureTopics, type TopicReport } from './topics/ensure-topics.js';
import { maxCommandBatchBytes, maxEventBatchBytes, maxRejectedBatchBytes } from './topics/topic-plan.js';
import { FetchLane, type FetchLaneOptions } from './wire/fetch-lane.js';
import { ProduceLane, type ProduceLaneOptions } from './wire/produce-lane.js';
import { Wire } from './wire/wire.js';

const mebibyte = 1024 * 1024;
const defaultAppendTimeoutMs = 3_000;
const defaultMeshLimit = 20;
/** A batch's own head and the leader's bookkeeping, bytes. */
const batchOverhead = 256;

/** What a member of the group brings along; periods have Kafka's smallest useful defaults. */
export interface MembershipOptions {
  readonly instanceId: string;
  readonly address: string;
  readonly onAssigned: GroupMemberOptions['onAssigned'];
  readonly onRelease?: GroupMemberOptions['onRelease'];
  /** The next offset to be read of each partition held. */
  readonly positions?: () => ReadonlyMap<number, number>;
  /** Where the others watch this process. Default: nowhere. */
  readonly liveness?: GroupMemberOptions['liveness'];
  readonly onDirectory?: GroupMemberOptions['onDirectory'];
  readonly meshLimit?: number;
  /** What each owned partition costs. Default: not reported. */
  readonly loads?: GroupMemberOptions['loads'];
  readonly declined?: GroupMemberOptions['declined'];
  /** Default: the commands topic and the settings' group. */
  readonly topic?: string;
  readonly groupId?: string;
  readonly heartbeatIntervalMs?: number;
  readonly sessionTimeoutMs?: number;
  readonly rebalanceTimeoutMs?: number;
  readonly commitIntervalMs?: number;
}

/**
 * One process's way to Kafka. Each kind of traffic has its own sockets, so that no long poll, join or foreign topic delays an
 * append. Nothing connects before it is used; everything reconnects by itself. `close` cuts all.
 */
export class KafkaConnection {
  readonly topics: Topics;
  readonly #settings: KafkaSettings;
  readonly #log: KafkaLog;
  readonly #kafkajs: ReturnType<typeof createKafkajs>;
  readonly #closers: (() => void)[] = [];
  #admin: Admin | undefined;
  #out: { wire: Wire; lane: ProduceLane } | undefined;

  constructor(settings: KafkaSettings, log: KafkaLog) {
    this.#settings = settings;
    this.#log = log;
    this.topics = topicsOf(settings.topicPrefix);
    this.#kafkajs = createKafkajs(settings, log);
  }

  /** Creates or checks the topics. Rejects as `ensureTopics` does. */
  ensureTopics(): Promise<TopicReport> {
    return ensureTopics(this.admin(), this.#settings, this.#log);
  }

  /** kafkajs's admin client, connected by its first use; ended by `close`. */
  admin(): Admin {
    this.#admin ??= this.#kafkajs.kafka.admin({ retry: { retries: 2, initialRetryTime: 100 } });
    return this.#admin;
  }

  partitionLog(): KafkaPartitionLog {
    const { lane } = this.#produceLane([this.topics.events], { merge: false, maxBatchBytes: maxEventBatchBytes - batchOverhead });
    const fetch = this.#fetchLane([this.topics.events], { maxWaitMs: 50, maxBytes: 2 * mebibyte, committedOnly: false }, true);
    return new KafkaPartitionLog(this.topics.events, lane, fetch);
  }

  commandLog(): KafkaCommandLog {
    const fetch = this.#fetchLane([this.topics.commands], { maxWaitMs: 50, maxBytes: mebibyte, committedOnly: true }, true);
    const rejected = this.#produceLane([this.topics.rejected], { merge: false, maxBatchBytes: maxRejectedBatchBytes - batchOverhead });
    return new KafkaCommandLog(this.topics, fetch, { forward: this.#outgoing().lane, reject: rejected.lane }, this.#log);
  }

  /** `allowedTopics`: MILLRACE_REPLY_TOPICS. */
  replySink(allowedTopics: readonly string[]): KafkaReplySink {
    const foreign = this.#produceLane([], { merge: true, maxBatchBytes: maxCommandBatchBytes - batchOverhead });
    return new KafkaReplySink({ ownTopic: this.topics.replies, allowedTopics, log: this.#log }, this.#outgoing(), foreign);
  }

  commandProducer(timeoutMs = defaultAppendTimeoutMs): CommandProducer {
    return new CommandProducer(this.topics.commands, this.#outgoing().lane, timeoutMs);
  }

  replyReader(partition: number): ReplyReader {
    const fetch = this.#fetchLane([this.topics.replies], { maxWaitMs: 250, maxBytes: mebibyte, committedOnly: false });
    const reader = new ReplyReader(this.topics.replies, partition, fetch, this.#log);
    this.#closers.push(() => reader.close());
    return reader;
  }

  /** `maxWaitMs`: how long a poll without news lasts; a new subscription may wait as long. */
  eventsReader(maxWaitMs = 50): EventsReader {
    const fetch = this.#fetchLane([this.topics.events], { maxWaitMs, maxBytes: mebibyte, committedOnly: false });
    return new EventsReader(this.topics.events, fetch, this.#log);
  }

  membership(options: MembershipOptions): GroupMembership {
    const groupId = options.groupId ?? this.#settings.groupId;
    const topic = options.topic ?? this.topics.commands;
    const sessionTimeoutMs = options.sessionTimeoutMs ?? 6_000;
    const coordinator = new Coordinator(this.#wire([]), groupId);
    const member = new GroupMember(
      {
        groupId,
        topic,
        partitions: this.#settings.partitions,
        instanceId: options.instanceId,
        address: options.address,
        heartbeatIntervalMs: options.heartbeatIntervalMs ?? 200,
        sessionTimeoutMs,
        rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? sessionTimeoutMs,
        meshLimit: options.meshLimit ?? defaultMeshLimit,
        liveness: options.liveness ?? (() => undefined),
        loads: options.loads ?? (() => new Map()),
        declined: options.declined ?? (() => []),
        onAssigned: options.onAssigned,
        ...(options.onRelease ? { onRelease: options.onRelease } : {}),
        onDirectory: options.onDirectory ?? (() => undefined),
        log: this.#log,
      },
      this.#wire([]),
      coordinator,
    );
    const positions = options.positions ?? (() => new Map<number, number>());
    return new GroupMembership(
      { topic, positions, commitIntervalMs: options.commitIntervalMs ?? 1_000, log: this.#log },
      member,
      coordinator,
    );
  }

  /** The view of the engines' group; call its `start`. */
  groupView(refreshEveryMs = 500): GroupView {
    const { groupId, partitions } = this.#settings;
    return new GroupView({ groupId, topic: this.topics.commands, partitions, refreshEveryMs, log: this.#log }, this.#wire([]));
  }

  /** Cuts every connection. What is in flight becomes `unknown`, what waits `notWritten`. */
  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) close();
    await this.#admin?.disconnect();
  }

  #outgoing(): { wire: Wire; lane: ProduceLane } {
    const { commands, replies } = this.topics;
    this.#out ??= this.#produceLane([commands, replies], {
      merge: true,
      maxBatchBytes: maxCommandBatchBytes - batchOverhead,
      lingerMs: 2,
    });
    return this.#out;
  }

  #produceLane(
    topics: readonly string[],
    options: Pick<ProduceLaneOptions, 'merge' | 'maxBatchBytes' | 'lingerMs'>,
  ): { wire: Wire; lane: ProduceLane } {
    const wire = this.#wire(topics);
    const timeoutMs = this.#settings.appendTimeoutMs ?? defaultAppendTimeoutMs;
    const lane = new ProduceLane(wire, { ...options, acks: -1, timeoutMs, maxQueuedBytes: 64 * mebibyte, log: this.#log });
    this.#closers.push(() => lane.close());
    return { wire, lane };
  }

  /** `isPrompt`: what is new must not wait behind the request under way: a long poll, or another partition's large answer. */
  #fetchLane(topics: readonly string[], options: Omit<FetchLaneOptions, 'log'>, isPrompt = false): FetchLane {
    const wire = this.#wire(topics);
    const lane = new FetchLane(wire, { ...options, log: this.#log }, isPrompt ? this.#wire(topics) : wire);
    this.#closers.push(() => lane.close());
    return lane;
  }

  #wire(topics: readonly string[]): Wire {
    const wire = new Wire({ settings: this.#settings, logger: this.#kafkajs.logger });
    for (const topic of topics) wire.follow(topic);
    this.#closers.push(() => wire.close());
    return wire;
  }
}

/** Prepares a connection; nothing is contacted yet. */
export function createKafka(settings: KafkaSettings, log: KafkaLog): KafkaConnection {
  return new KafkaConnection(settings, log);
}
