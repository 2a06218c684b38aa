import type { AbortedTransaction } from './batch-decoder.js';
import type { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import type { WireRequest } from './kafkajs-internals.js';
import { groupBy, wireRequest } from './requests.js';

/** One partition to be fetched from an offset. */
export interface FetchPart {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly maxBytes: number;
}

/** What came back for one partition; `batches` are encoded record batches, the last one maybe cut off. */
export interface FetchedPart {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly logStart: number;
  readonly aborted: readonly AbortedTransaction[];
  readonly batches: Buffer;
}

export interface FetchLimits {
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  /** Leaves out records of open and aborted transactions. */
  readonly committedOnly: boolean;
}

/** The error code of the whole response, and the partitions. */
export interface FetchResponse {
  readonly errorCode: number;
  readonly parts: readonly FetchedPart[];
}

const empty = Buffer.alloc(0);
const noSession = { id: 0, epoch: -1 } as const;

/** Fetch v11 without a fetch session: every request names all its partitions. */
export function fetchRequest(parts: readonly FetchPart[], limits: FetchLimits): WireRequest<FetchResponse> {
  const encode = (): Buffer => {
    const writer = new ByteWriter(64 + parts.length * 64);
    writer
      .int32(-1)
      .int32(limits.maxWaitMs)
      .int32(1)
      .int32(limits.maxBytes)
      .int8(limits.committedOnly ? 1 : 0);
    writer.int32(noSession.id).int32(noSession.epoch);
    const topics = groupBy(parts, (part) => part.topic);
    writer.int32(topics.size);
    for (const [topic, members] of topics) {
      writer.string(topic).int32(members.length);
      for (const part of members) writer.int32(part.partition).int32(-1).int64(part.offset).int64(-1).int32(part.maxBytes);
    }
    return writer.int32(0).string('').bytes();
  };
  return wireRequest({ key: 1, version: 11, name: 'Fetch' }, encode, decodeFetched);
}

function decodeFetched(reader: ByteReader): FetchResponse {
  reader.int32();
  const errorCode = reader.int16();
  reader.int32();
  const parts: FetchedPart[] = [];
  reader.array(() => {
    const topic = reader.string() ?? '';
    reader.array(() => parts.push(decodePart(reader, topic)));
  });
  return { errorCode, parts };
}

function decodePart(reader: ByteReader, topic: string): FetchedPart {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const highWatermark = reader.int64();
  reader.int64();
  const logStart = reader.int64();
  const aborted = reader.array(() => ({ producerId: reader.int64(), firstOffset: reader.int64() }));
  reader.int32();
  const batches = reader.bytes(reader.int32()) ?? empty;
  return { topic, partition, errorCode, highWatermark, logStart, aborted, batches };
}
