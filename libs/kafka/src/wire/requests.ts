import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import type { WireRequest } from './kafkajs-internals.js';

/** What a produce request says of one partition. `errorCode` 0 = landed at `baseOffset`. */
export interface ProducedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly baseOffset: number;
  /** LogAppendTime, epoch ms; -1 where the topic keeps the producer's time. */
  readonly logAppendTime: number;
}

export interface OutgoingBatch {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Buffer;
}

/** What a broker says of topics and leaders. */
export interface ClusterMetadata {
  readonly brokers: readonly { readonly nodeId: number; readonly host: string; readonly port: number; readonly rack: string | null }[];
  readonly topics: readonly {
    readonly topic: string;
    readonly errorCode: number;
    /** Leader by partition; -1 = none now. */
    readonly leaders: ReadonlyMap<number, number>;
  }[];
}

const offsetTimes = { earliest: -2, latest: -1 } as const;

/** Wraps a body so that kafkajs frames and sends it; the answer is decoded synchronously and never judged by kafkajs. */
export function wireRequest<T>(
  api: { readonly key: number; readonly version: number; readonly name: string },
  encode: () => Buffer,
  decode: (reader: ByteReader) => T,
): WireRequest<T> {
  return {
    request: {
      apiKey: api.key,
      apiVersion: api.version,
      apiName: api.name,
      encode: async () => {
        const body = encode();
        return { buf: body, buffer: body };
      },
    },
    response: { decode: async (body) => decode(new ByteReader(body)), parse: async (decoded) => decoded },
    logResponseError: false,
  };
}

/** Produce v7. `beforeWrite` runs just before the bytes can reach a socket; when it throws, nothing is written. */
export function produceRequest(
  batches: readonly OutgoingBatch[],
  options: { readonly acks: -1 | 1; readonly timeoutMs: number; readonly beforeWrite: () => void },
): WireRequest<readonly ProducedPartition[]> {
  const encode = (): Buffer => {
    options.beforeWrite();
    const writer = new ByteWriter(batches.reduce((sum, batch) => sum + batch.bytes.length + 64, 64));
    const topics = groupBy(batches, (batch) => batch.topic);
    writer.string(null).int16(options.acks).int32(options.timeoutMs).int32(topics.size);
    for (const [topic, members] of topics) {
      writer.string(topic).int32(members.length);
      for (const { partition, bytes } of members) writer.int32(partition).int32(bytes.length).raw(bytes);
    }
    return writer.bytes();
  };
  return wireRequest({ key: 0, version: 7, name: 'Produce' }, encode, decodeProduced);
}

function decodeProduced(reader: ByteReader): readonly ProducedPartition[] {
  const produced: ProducedPartition[] = [];
  reader.array(() => {
    const topic = reader.string() ?? '';
    reader.array(() => {
      const partition = reader.int32();
      const errorCode = reader.int16();
      const baseOffset = reader.int64();
      const logAppendTime = reader.int64();
      reader.int64();
      produced.push({ topic, partition, errorCode, baseOffset, logAppendTime });
    });
  });
  return produced;
}

/** Metadata v5 for these topics only. An unknown topic is a code in the answer, not a failure of the others. */
export function metadataRequest(topics: readonly string[]): WireRequest<ClusterMetadata> {
  const encode = (): Buffer => {
    const writer = new ByteWriter().int32(topics.length);
    for (const topic of topics) writer.string(topic);
    return writer.int8(0).bytes();
  };
  return wireRequest({ key: 3, version: 5, name: 'Metadata' }, encode, decodeMetadata);
}

function decodeMetadata(reader: ByteReader): ClusterMetadata {
  reader.int32();
  const brokers = reader.array(() => ({
    nodeId: reader.int32(),
    host: reader.string() ?? '',
    port: reader.int32(),
    rack: reader.string(),
  }));
  reader.string();
  reader.int32();
  const topics = reader.array(() => {
    const errorCode = reader.int16();
    const topic = reader.string() ?? '';
    reader.int8();
    return { topic, errorCode, leaders: new Map(reader.array(() => decodeLeader(reader))) };
  });
  return { brokers, topics };
}

function decodeLeader(reader: ByteReader): [number, number] {
  reader.int16();
  const partition = reader.int32();
  const leader = reader.int32();
  for (let list = 0; list < 3; list += 1) reader.array(() => reader.int32());
  return [partition, leader];
}

/** ListOffsets v2 of one partition: its first offset, or the one behind its last record. */
export function offsetRequest(
  topic: string,
  partition: number,
  which: keyof typeof offsetTimes,
): WireRequest<{ errorCode: number; offset: number }> {
  const encode = (): Buffer =>
    new ByteWriter().int32(-1).int8(0).int32(1).string(topic).int32(1).int32(partition).int64(offsetTimes[which]).bytes();
  const decode = (reader: ByteReader): { errorCode: number; offset: number } => {
    reader.offset += 4 + 4;
    reader.string();
    reader.offset += 4 + 4;
    const errorCode = reader.int16();
    reader.int64();
    return { errorCode, offset: reader.int64() };
  };
  return wireRequest({ key: 2, version: 2, name: 'ListOffsets' }, encode, decode);
}

/** Groups in order of first appearance. */
export function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
