import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBatches } from './batch-decoder.js';
import { ByteReader } from './byte-reader.js';
import { ByteWriter, varintSize } from './byte-writer.js';
import { crc32c } from './crc32c.js';
import { encodeRecordBatch, type OutgoingRecord, outgoingSize } from './record-batch.js';

const require = createRequire(import.meta.url);
/** kafkajs's own implementations: the reference. */
const referenceCrc: (bytes: Buffer) => number = require('kafkajs/src/protocol/recordBatch/crc32C/index.js');
const ReferenceDecoder: new (bytes: Buffer) => object = require('kafkajs/src/protocol/decoder.js');
interface ReferenceRecord {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Record<string, Buffer>;
}
const referenceDecode: (
  decoder: object,
) => Promise<{ records: readonly ReferenceRecord[] }> = require('kafkajs/src/protocol/recordBatch/v0/decoder.js');

const bytes = fc.uint8Array({ maxLength: 300 });
const outgoing: fc.Arbitrary<OutgoingRecord> = fc.record({
  key: fc.oneof(fc.string(), bytes, fc.constant(null)),
  value: fc.oneof(bytes, fc.constant(null)),
  headers: fc.dictionary(fc.stringMatching(/^h[a-z-]{1,12}$/), fc.oneof(fc.string(), bytes), { maxKeys: 4, noNullPrototype: true }),
});
const records = fc.array(outgoing, { minLength: 1, maxLength: 80 });

function asBytes(value: string | Uint8Array | null): number[] | null {
  return value === null ? null : [...Buffer.from(value)];
}

function shown(record: Pick<OutgoingRecord, 'key' | 'value' | 'headers'>): unknown {
  const headers = Object.entries(record.headers).map(([name, value]) => [name, asBytes(value)]);
  return { key: asBytes(record.key), value: asBytes(record.value), headers };
}

/** Gives a batch the offset that a broker would, and other fields of its head. */
function stored(batch: Buffer, baseOffset: number, change: (batch: Buffer) => void = () => undefined): Buffer {
  const copy = Buffer.from(batch);
  copy.writeBigInt64BE(BigInt(baseOffset), 0);
  change(copy);
  return copy;
}

const simple = (key: string): OutgoingRecord => ({ key, value: Buffer.from(`value of ${key}`), headers: {} });
const keysOf = (decoded: readonly { key: Uint8Array | null }[]): string[] => decoded.map(({ key }) => Buffer.from(key ?? []).toString());

describe('crc32c', () => {
  it('gives the check value of RFC 3720', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  });

  it('agrees with kafkajs on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (any) => {
        expect(crc32c(Buffer.from(any))).toBe(referenceCrc(Buffer.from(any)) >>> 0);
      }),
    );
  });
});

describe('variable-length integers', () => {
  it('come back as written, in the size that was announced', () => {
    fc.assert(
      fc.property(fc.integer(), (value) => {
        const writer = new ByteWriter(1).varint(value);
        expect(writer.length).toBe(varintSize(value));
        expect(new ByteReader(writer.bytes()).varint()).toBe(value);
        expect(new ByteReader(writer.bytes()).varlong()).toBe(value);
      }),
    );
  });

  it('keep 64-bit numbers exact up to 2^53', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(new ByteReader(new ByteWriter(1).int64(value).bytes()).int64()).toBe(value);
      }),
    );
  });
});

describe('encodeRecordBatch', () => {
  it('is read by kafkajs as it was written, with a right checksum', async () => {
    await fc.assert(
      fc.asyncProperty(records, async (written) => {
        const batch = encodeRecordBatch(written, 1_700_000_000_000);
        expect(batch.readUInt32BE(17)).toBe(referenceCrc(batch.subarray(21)) >>> 0);
        const read = await referenceDecode(new ReferenceDecoder(batch));
        expect(read.records.map(shown)).toEqual(written.map(shown));
      }),
    );
  });

  it('never takes more bytes than announced', () => {
    fc.assert(
      fc.property(records, (written) => {
        const announced = written.reduce((sum, record) => sum + outgoingSize(record), 0);
        expect(encodeRecordBatch(written, Date.now()).length).toBeLessThanOrEqual(announced + 61);
      }),
    );
  });
});

describe('decodeBatches', () => {
  it('gives back what was encoded, with consecutive offsets', () => {
    fc.assert(
      fc.property(records, fc.nat(2 ** 40), (written, base) => {
        const { records: read, nextOffset } = decodeBatches(stored(encodeRecordBatch(written, 5), base), base);
        expect(read.map(shown)).toEqual(written.map(shown));
        expect(read.map(({ offset }) => offset)).toEqual(written.map((_, index) => base + index));
        expect(nextOffset).toBe(base + written.length);
      }),
    );
  });

  it('starts in the middle of a batch and leaves a cut-off batch for the next fetch', () => {
    const first = stored(encodeRecordBatch([simple('a'), simple('b'), simple('c')], 5), 10);
    const second = stored(encodeRecordBatch([simple('d')], 5), 13);
    const both = Buffer.concat([first, second]);
    for (let cut = first.length; cut < both.length; cut += 1) {
      const { records: read, nextOffset } = decodeBatches(both.subarray(0, cut), 11);
      expect(keysOf(read)).toEqual(['b', 'c']);
      expect(nextOffset).toBe(13);
    }
  });

  it('takes the broker’s time where the topic keeps it', () => {
    const batch = stored(encodeRecordBatch([simple('a'), simple('b')], 5), 0, (copy) => {
      copy.writeInt16BE(0x08, 21);
      copy.writeBigInt64BE(1_700_000_000_123n, 35);
    });
    expect(decodeBatches(batch, 0).records.map(({ timestamp }) => timestamp)).toEqual([1_700_000_000_123, 1_700_000_000_123]);
  });

  it('skips aborted transactions and control records, and goes on behind them', () => {
    const transactional = (key: string, offset: number, producer: bigint): Buffer =>
      stored(encodeRecordBatch([simple(key)], 5), offset, (copy) => {
        copy.writeInt16BE(0x10, 21);
        copy.writeBigInt64BE(producer, 43);
      });
    const marker = (offset: number, producer: bigint, type: 0 | 1): Buffer =>
      stored(encodeRecordBatch([{ key: Buffer.from([0, 0, 0, type]), value: Buffer.alloc(6), headers: {} }], 5), offset, (copy) => {
        copy.writeInt16BE(0x30, 21);
        copy.writeBigInt64BE(producer, 43);
      });
    const log = Buffer.concat([
      transactional('aborted', 0, 7n),
      transactional('committed', 1, 8n),
      stored(encodeRecordBatch([simple('plain')], 5), 2),
      marker(3, 7n, 0),
      transactional('of the next transaction', 4, 7n),
      marker(5, 8n, 1),
      marker(6, 7n, 1),
    ]);
    const { records: read, nextOffset } = decodeBatches(log, 0, [{ producerId: 7, firstOffset: 0 }]);
    expect(keysOf(read)).toEqual(['committed', 'plain', 'of the next transaction']);
    expect(nextOffset).toBe(7);
  });

  it('reads gzip, and hands an unknown codec on as one opaque record instead of stopping', () => {
    const plain = encodeRecordBatch([simple('a'), simple('b')], 5);
    const compressed = (codec: number, body: Buffer): Buffer => {
      const whole = Buffer.concat([plain.subarray(0, 61), body]);
      whole.writeInt32BE(whole.length - 12, 8);
      whole.writeInt16BE(codec, 21);
      return whole;
    };
    expect(keysOf(decodeBatches(stored(compressed(1, gzipSync(plain.subarray(61))), 0), 0).records)).toEqual(['a', 'b']);
    const opaque = decodeBatches(stored(compressed(4, Buffer.from('???')), 20), 20);
    expect(opaque.records).toMatchObject([{ offset: 21, key: null, value: Buffer.from('???') }]);
    expect(opaque.nextOffset).toBe(22);
  });
});
