import { commandHeaders, partitionOf, type Reply, type ReplyAddress } from '#protocol';
import type { ReplySink } from '#runtime';
import type { KafkaLog } from '../settings.js';
import type { ProduceLane } from '../wire/produce-lane.js';
import type { Wire } from '../wire/wire.js';

export interface ReplySinkOptions {
  /** The installation's own replies topic. */
  readonly ownTopic: string;
  /** Other topics that may receive replies, e.g. `workflow.replies*`; `*` stands for any text. */
  readonly allowedTopics: readonly string[];
  readonly log: KafkaLog;
}

const maxForeignTopics = 64;
const complainEveryMs = 10_000;

/**
 * Replies to whoever asked. Best effort: sends coalesce, waiting bytes are bounded by the lane, and a topic that is not allowed,
 * unknown or failing loses only its own replies (its lane and metadata are apart from the installation's own topic).
 */
export class KafkaReplySink implements ReplySink {
  readonly #allowed: readonly RegExp[];
  readonly #foreignTopics = new Set<string>();
  readonly #complaints = new Map<string, number>();

  constructor(
    private readonly options: ReplySinkOptions,
    private readonly own: { readonly wire: Wire; readonly lane: ProduceLane },
    private readonly foreign: { readonly wire: Wire; readonly lane: ProduceLane },
  ) {
    this.#allowed = options.allowedTopics.map(patternOf);
  }

  send(address: ReplyAddress, reply: Reply): void {
    const { topic } = address;
    if (!this.#allows(topic)) {
      this.#complain(topic, 'replies to this topic are not allowed (MILLRACE_REPLY_TOPICS)');
      return;
    }
    const { wire, lane } = topic === this.options.ownTopic ? this.own : this.foreign;
    const partition = this.#partition(wire, address, reply);
    const headers: Record<string, string> =
      address.correlationId === undefined ? {} : { [commandHeaders.correlationId]: address.correlationId };
    const record = { key: reply.workflowId, value: Buffer.from(JSON.stringify(reply)), headers };
    void lane.send(topic, partition, [record]).then((outcome) => {
      if (outcome.status !== 'appended') this.#complain(topic, outcome.message);
    });
  }

  #allows(topic: string): boolean {
    if (topic === this.options.ownTopic) return true;
    if (!this.#allowed.some((pattern) => pattern.test(topic))) return false;
    if (this.#foreignTopics.has(topic)) return true;
    if (this.#foreignTopics.size >= maxForeignTopics) return false;
    this.#foreignTopics.add(topic);
    this.foreign.wire.follow(topic);
    return true;
  }

  /** A partition that does not exist falls back to the key's. */
  #partition(wire: Wire, address: ReplyAddress, reply: Reply): number {
    const partitions = wire.partitionsOf(address.topic);
    const asked = address.partition;
    if (asked !== undefined && asked >= 0 && (partitions === 0 || asked < partitions)) return asked;
    return partitions === 0 ? 0 : partitionOf(reply.workflowId, partitions);
  }

  #complain(topic: string, message: string): void {
    const last = this.#complaints.get(topic) ?? 0;
    if (Date.now() - last < complainEveryMs) return;
    if (this.#complaints.size > maxForeignTopics) this.#complaints.clear();
    this.#complaints.set(topic, Date.now());
    this.options.log('warn', 'replies are lost', { topic, reason: message });
  }
}

function patternOf(allowed: string): RegExp {
  return new RegExp(`^${allowed.split('*').map(escaped).join('.*')}$`);
}

function escaped(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
}
