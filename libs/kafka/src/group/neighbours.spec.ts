import { describe, expect, test } from 'vitest';
import type { GroupPeer } from './consumer-protocol.js';
import { neighboursOf } from './neighbours.js';

const group = (size: number): GroupPeer[] =>
  Array.from({ length: size }, (_, i) => ({
    memberId: `m-${String((i * 7) % size).padStart(3, '0')}`,
    instance: `i-${i}`,
    address: 'h:1',
    liveness: { address: 'h:2', process: `p-${i}` },
  }));

describe('neighboursOf', () => {
  test('lets everybody watch everybody up to the limit', () => {
    const peers = group(20);
    for (const { memberId } of peers) expect(neighboursOf(memberId, peers, 20)).toHaveLength(19);
  });

  test('makes a ring beyond it: four watch each, and any two of those watch one another', () => {
    const peers = group(41);
    const watched = new Map(peers.map(({ memberId }) => [memberId, neighboursOf(memberId, peers, 20).map((peer) => peer.memberId)]));
    for (const { memberId } of peers) {
      const observers = [...watched].filter(([, seen]) => seen.includes(memberId)).map(([observer]) => observer);
      expect(observers).toHaveLength(4);
      for (const one of observers)
        for (const other of observers)
          expect(one === other || watched.get(one)?.includes(other) || watched.get(other)?.includes(one)).toBe(true);
    }
  });

  test('watches nobody alone, and nobody twice', () => {
    expect(neighboursOf('m-000', group(1), 20)).toEqual([]);
    expect(new Set(neighboursOf('m-004', group(5), 2).map((peer) => peer.memberId)).size).toBe(4);
  });
});
