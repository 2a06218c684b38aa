import { gunzipSync } from 'node:zlib';
import type { RawRecord } from '#protocol';
import { ByteReader } from './byte-reader.js';

/** A transaction that was rolled back: its records of this producer from `firstOffset` on do not count. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

export interface DecodedBatches {
  readonly records: readonly RawRecord[];
  /** Where to read next: behind the last whole batch, also when all its records were skipped. */
  readonly nextOffset: number;
}

interface BatchHead {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly attributes: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: number;
  readonly count: number;
}

const headLength = 12;
const codecMask = 0x07;
const logAppendTime = 0x08;
const transactional = 0x10;
const control = 0x20;
const gzip = 1;

/**
 * Reads record batches as a fetch returns them, from `fromOffset` on. A cut-off last batch is left for the next fetch; control
 * batches and aborted transactions are skipped. Keys and values are views on the buffer. A batch that cannot be decoded here
 * (a codec without a decoder) comes back as one record at its last offset with the batch's bytes as value: never lost, never in the way.
 */
export function decodeBatches(buffer: Buffer, fromOffset: number, aborted: readonly AbortedTransaction[] = []): DecodedBatches {
  const records: RawRecord[] = [];
  const rolledBack = new RolledBack(aborted);
  const reader = new ByteReader(buffer);
  let nextOffset = fromOffset;
  while (reader.remaining >= headLength) {
    const baseOffset = reader.int64();
    const length = reader.int32();
    if (reader.remaining < length) break; // cut off by maxBytes
    const batch = new ByteReader(buffer, reader.offset, reader.offset + length);
    reader.offset += length;
    const head = readHead(batch, baseOffset);
    nextOffset = Math.max(nextOffset, head.lastOffset + 1);
    if (rolledBack.skips(head, batch)) continue;
    readRecords(batch, head, fromOffset, records);
  }
  return { records, nextOffset };
}

function readHead(batch: ByteReader, baseOffset: number): BatchHead {
  batch.offset += 9; // leader epoch, magic, crc: TCP and the broker have checked them
  const attributes = batch.int16();
  const lastOffset = baseOffset + batch.int32();
  const baseTimestamp = batch.int64();
  const maxTimestamp = batch.int64();
  const producerId = batch.int64();
  batch.offset += 6;
  return { baseOffset, lastOffset, attributes, baseTimestamp, maxTimestamp, producerId, count: batch.int32() };
}

function readRecords(batch: ByteReader, head: BatchHead, fromOffset: number, into: RawRecord[]): void {
  const reader = uncompressed(batch, head.attributes & codecMask);
  if (!reader) {
    if (head.lastOffset >= fromOffset) into.push(opaque(batch, head));
    return;
  }
  for (let index = 0; index < head.count; index += 1) {
    const end = reader.varint() + reader.offset;
    const record = readRecord(reader, head);
    reader.offset = end;
    if (record.offset >= fromOffset) into.push(record);
  }
}

function uncompressed(batch: ByteReader, codec: number): ByteReader | undefined {
  if (codec === 0) return batch;
  if (codec !== gzip) return undefined;
  return new ByteReader(gunzipSync(batch.buffer.subarray(batch.offset, batch.end)));
}

function readRecord(reader: ByteReader, head: BatchHead): RawRecord {
  reader.offset += 1;
  const delta = reader.varlong();
  const timestamp = head.attributes & logAppendTime ? head.maxTimestamp : head.baseTimestamp + delta;
  const offset = head.baseOffset + reader.varint();
  const key = reader.bytes(reader.varint());
  const value = reader.bytes(reader.varint());
  return { offset, timestamp, key, value, headers: readHeaders(reader) };
}

function readHeaders(reader: ByteReader): Record<string, Uint8Array> {
  const headers: Record<string, Uint8Array> = {};
  for (let rest = reader.varint(); rest > 0; rest -= 1) {
    const name = reader.text(reader.varint());
    const value = reader.bytes(reader.varint());
    if (value && name !== '__proto__') headers[name] = value; // anyone may write here
  }
  return headers;
}

function opaque(batch: ByteReader, head: BatchHead): RawRecord {
  return {
    offset: head.lastOffset,
    timestamp: head.maxTimestamp,
    key: null,
    value: batch.buffer.subarray(batch.offset, batch.end),
    headers: {},
  };
}

/** Follows which producers' open transactions were aborted, in log order. */
class RolledBack {
  readonly #pending: AbortedTransaction[];
  readonly #producers = new Set<number>();

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#pending = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  }

  skips(head: BatchHead, batch: ByteReader): boolean {
    for (let next = this.#pending[0]; next && next.firstOffset <= head.lastOffset; next = this.#pending[0]) {
      this.#producers.add(next.producerId);
      this.#pending.shift();
    }
    if (head.attributes & control) {
      if (isAbortMarker(batch)) this.#producers.delete(head.producerId);
      return true;
    }
    return (head.attributes & transactional) !== 0 && this.#producers.has(head.producerId);
  }
}

function isAbortMarker(batch: ByteReader): boolean {
  const reader = new ByteReader(batch.buffer, batch.offset, batch.end);
  reader.varint();
  reader.offset += 1;
  reader.varlong();
  reader.varint();
  const key = reader.bytes(reader.varint());
  return key !== null && key.length >= 4 && key.readInt16BE(2) === 0;
}
