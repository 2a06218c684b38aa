import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HandOverClaim, planHandOver } from './hand-over.js';
import { assignSticky } from './sticky-assigner.js';

const claim = (memberId: string, owned: number[], generation = 1, handsOver = true): HandOverClaim => ({
  memberId,
  owned,
  generation,
  handsOver,
});
const nothing = new Map<string, number[]>();
const plan = (claims: HandOverClaim[], partitions: number, declined: ReadonlyMap<string, number[]> = nothing) => {
  const { assigned, release } = planHandOver(assignSticky(claims, partitions), claims, declined);
  return { assigned: Object.fromEntries(assigned), release: Object.fromEntries(release) };
};

describe('what moves from a living member', () => {
  it('stays with it, and it is told to hand it over', () => {
    const { assigned, release } = plan([claim('a', [0, 1, 2, 3]), claim('b', [], -1)], 4);
    expect(assigned).toEqual({ a: [0, 1, 2, 3].filter((p) => assigned.a?.includes(p)), b: [] });
    expect(assigned.a?.length).toBe(4);
    expect(release.a?.length).toBe(2);
  });

  it('moves once its holder joins without it', () => {
    const released = plan([claim('a', [0, 1, 2, 3]), claim('b', [], -1)], 4).release.a ?? [];
    const left = [0, 1, 2, 3].filter((partition) => !released.includes(partition));
    expect(plan([claim('a', left, 2), claim('b', [], 2)], 4)).toEqual({ assigned: { a: left, b: released }, release: {} });
  });

  it('moves at once from a member that cannot hand over, and where its holder declines it', () => {
    expect(plan([claim('a', [0, 1], 1, false), claim('b', [], -1)], 2).assigned.b).toHaveLength(1);
    const wanted = new Map([
      ['a', [1]],
      ['b', [0]],
    ]);
    const { assigned, release } = planHandOver(wanted, [claim('a', [0, 1]), claim('b', [])], new Map([['a', [0]]]));
    expect([Object.fromEntries(assigned), release.size]).toEqual([{ a: [1], b: [0] }, 0]);
  });

  it('is given at once where its holder is gone', () => {
    expect(plan([claim('b', [2, 3]), claim('c', [])], 4).release).toEqual({});
  });
});

it('comes to rest: whatever the claims, every partition has one owner in every round and the wanted one after two', () => {
  const owners = fc.array(fc.integer({ min: -1, max: 4 }), { minLength: 1, maxLength: 24 });
  fc.assert(
    fc.property(owners, fc.integer({ min: 1, max: 5 }), (owned, members) => {
      const ids = Array.from({ length: members }, (_, i) => `m${i}`);
      const partitions = owned.length;
      let claims = ids.map((id, i) =>
        claim(
          id,
          [...owned.keys()].filter((p) => owned[p] === i),
        ),
      );
      for (let round = 0; round < 2; round += 1) {
        const { assigned, release } = planHandOver(assignSticky(claims, partitions), claims, nothing);
        expect([...assigned.values()].flat().sort((a, b) => a - b)).toEqual([...owned.keys()]);
        const left = (id: string) => (assigned.get(id) ?? []).filter((partition) => !release.get(id)?.includes(partition));
        claims = ids.map((id) => claim(id, left(id), round + 2));
      }
      const { assigned, release } = planHandOver(assignSticky(claims, partitions), claims, nothing);
      expect(release.size).toBe(0);
      const counts = [...assigned.values()].map((own) => own.length);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }),
  );
});
