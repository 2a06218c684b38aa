import type { LogRecord, RawRecord, StoredRecord } from '#protocol';
import type { AppendOutcome, PartitionLog, ReadOptions, ReadOutcome } from '#runtime';
import type { FetchLane } from '../wire/fetch-lane.js';
import type { ProduceLane } from '../wire/produce-lane.js';
import { readOnce } from './one-read.js';

const decoder = new TextDecoder();

/**
 * `workflow.events` on Kafka. One append is one record batch, written to a socket at most once (L3, L4); appends of several
 * partitions share a request per leader. Reads have connections of their own, so that a long poll never delays an append.
 */
export class KafkaPartitionLog implements PartitionLog {
  constructor(
    private readonly topic: string,
    private readonly produce: ProduceLane,
    private readonly fetch: FetchLane,
  ) {}

  append(partition: number, records: readonly LogRecord[]): Promise<AppendOutcome> {
    return this.produce.send(this.topic, partition, records);
  }

  async read(partition: number, fromOffset: number, options: ReadOptions = {}): Promise<ReadOutcome> {
    const read = await readOnce(this.fetch, { topic: this.topic, partition, fromOffset }, options);
    return read.status === 'read' ? { ...read, records: read.records.map(toStored) } : read;
  }
}

/** A raw record with key and header values as text. */
export function toStored(record: RawRecord): StoredRecord {
  const headers: Record<string, string> = {};
  for (const name in record.headers) headers[name] = decoder.decode(record.headers[name]);
  return {
    offset: record.offset,
    timestamp: record.timestamp,
    key: record.key === null ? '' : decoder.decode(record.key),
    value: record.value,
    headers,
  };
}
