import { type RawRecord, rejectedHeaders, type Topics } from '#protocol';
import type { CommandListener, CommandLog, CommandSubscription, OwnCommand, RejectedCommand } from '#runtime';
import type { KafkaLog } from '../settings.js';
import type { FetchLane } from '../wire/fetch-lane.js';
import type { ProduceLane } from '../wire/produce-lane.js';
import { notConfirmed, sendConfirmed, sendUntil } from './confirmed-send.js';
import { Subscription } from './subscription.js';

const maxPartitionBytes = 512 * 1024;
const confirmWithinMs = 10_000;
const maxHeaderText = 4_000;
const encoder = new TextEncoder();

/** `workflow.commands` on Kafka, read by offset beside the consumer group: a rebalance never stops it and nothing resets it. */
export class KafkaCommandLog implements CommandLog {
  constructor(
    private readonly topics: Topics,
    private readonly fetch: FetchLane,
    /** To `commands`, and to `rejected`, which takes larger records: a rejected one carries more headers than it came with. */
    private readonly lanes: { readonly forward: ProduceLane; readonly reject: ProduceLane },
    private readonly log: KafkaLog,
  ) {}

  subscribe(partition: number, fromOffset: number, listener: CommandListener): CommandSubscription {
    const place = {
      topic: this.topics.commands,
      partition,
      fromOffset,
      maxBytes: maxPartitionBytes,
      decode: (record: RawRecord) => record,
      log: this.log,
    };
    return new Subscription(this.fetch, place, listener);
  }

  bounds(partition: number): Promise<{ readonly logStart: number; readonly highWatermark: number }> {
    return this.fetch.bounds(this.topics.commands, partition);
  }

  reject({ record, partition, code, message }: RejectedCommand): Promise<void> {
    const headers = {
      ...record.headers,
      [rejectedHeaders.code]: code,
      [rejectedHeaders.message]: message.slice(0, maxHeaderText),
      // Where it was first read stays: a forwarded command was rejected on its way, not born there.
      [rejectedHeaders.partition]: record.headers[rejectedHeaders.partition] ?? String(partition),
      [rejectedHeaders.offset]: record.headers[rejectedHeaders.offset] ?? String(record.offset),
    };
    const place = { topic: this.topics.rejected, partition };
    return sendConfirmed(this.lanes.reject, place, { key: record.key, value: record.value, headers }, confirmWithinMs);
  }

  async forward(record: RawRecord, fromPartition: number, toPartition: number): Promise<void> {
    const headers = {
      [rejectedHeaders.partition]: String(fromPartition),
      [rejectedHeaders.offset]: String(record.offset),
      ...record.headers,
    };
    const place = { topic: this.topics.commands, partition: toPartition };
    const outcome = await sendUntil(this.lanes.forward, place, { key: record.key, value: record.value, headers }, confirmWithinMs);
    if (outcome.status === 'appended') return;
    if (!(outcome.status === 'notWritten' && outcome.tooLarge)) throw notConfirmed(place, outcome);
    // Without our headers it fits: it is on this topic already.
    await sendConfirmed(this.lanes.forward, place, { key: record.key, value: record.value, headers: record.headers }, confirmWithinMs);
  }

  send({ key, value, headers }: OwnCommand, partition: number): Promise<void> {
    const place = { topic: this.topics.commands, partition };
    return sendConfirmed(this.lanes.forward, place, { key: encoder.encode(key), value: encoder.encode(value), headers }, confirmWithinMs);
  }
}
