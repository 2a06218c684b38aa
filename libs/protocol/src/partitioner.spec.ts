import fc from 'fast-check';
import { type PartitionerArgs, Partitioners } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { murmur2, partitionOf } from './partitioner.js';

/** Values of Java's own unit test (`UtilsTest.testMurmur2`). */
const known: readonly (readonly [string, number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
];

const reference = Partitioners.JavaCompatiblePartitioner();

function referencePartition(key: string, partitions: number): number {
  const partitionMetadata: PartitionerArgs['partitionMetadata'] = Array.from({ length: partitions }, (_, partitionId) => ({
    partitionId,
    partitionErrorCode: 0,
    leader: 1,
    replicas: [1],
    isr: [1],
  }));
  return reference({ topic: 't', partitionMetadata, message: { key, value: null } });
}

describe('murmur2', () => {
  it.each(known)('hashes %s as Java does', (text, hash) => {
    expect(murmur2(new TextEncoder().encode(text))).toBe(hash);
  });
});

describe('partitionOf', () => {
  it('agrees with the Java-compatible partitioner for any key and count', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 300 }), (key, partitions) => {
        expect(partitionOf(key, partitions)).toBe(referencePartition(key, partitions));
      }),
      { numRuns: 500 },
    );
  });
});
