import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Claim } from './claim.js';
import { assignSticky } from './sticky-assigner.js';

/** A group with 1–8 members that claim anything, overlapping and outdated claims included. */
const group = fc.record({
  partitions: fc.integer({ min: 0, max: 40 }),
  claims: fc.uniqueArray(
    fc.record({
      memberId: fc.string({ minLength: 1, maxLength: 6 }),
      owned: fc.uniqueArray(fc.nat(45)),
      generation: fc.integer({ min: -1, max: 4 }),
    }),
    { minLength: 1, maxLength: 8, selector: ({ memberId }) => memberId },
  ),
});

/** A group at rest: what an assignment left behind. */
const settled = fc
  .record({
    partitions: fc.integer({ min: 1, max: 40 }),
    members: fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 8 }),
  })
  .map(({ partitions, members }) => ({ partitions, claims: claimsOf(assignSticky(members.map(newcomer), partitions)) }));

function newcomer(memberId: string): Claim {
  return { memberId, owned: [], generation: -1 };
}

function claimsOf(assigned: ReadonlyMap<string, readonly number[]>): Claim[] {
  return [...assigned].map(([memberId, owned]) => ({ memberId, owned, generation: 7 }));
}

function kept(claims: readonly Claim[], assigned: ReadonlyMap<string, readonly number[]>): number {
  return claims.reduce(
    (sum, { memberId, owned }) => sum + owned.filter((partition) => assigned.get(memberId)?.includes(partition)).length,
    0,
  );
}

describe('assignSticky', () => {
  it('gives every partition to exactly one member', () => {
    fc.assert(
      fc.property(group, ({ claims, partitions }) => {
        const all = [...assignSticky(claims, partitions).values()].flat().sort((a, b) => a - b);
        expect(all).toEqual(Array.from({ length: partitions }, (_, index) => index));
      }),
    );
  });

  it('balances to within one', () => {
    fc.assert(
      fc.property(group, ({ claims, partitions }) => {
        const counts = [...assignSticky(claims, partitions).values()].map((mine) => mine.length);
        expect(counts).toHaveLength(claims.length);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('does not depend on the order of the claims', () => {
    fc.assert(
      fc.property(group, ({ claims, partitions }) => {
        expect(assignSticky([...claims].reverse(), partitions)).toEqual(assignSticky(claims, partitions));
      }),
    );
  });

  it('moves nothing when nothing has changed', () => {
    fc.assert(
      fc.property(settled, ({ claims, partitions }) => {
        expect(kept(claims, assignSticky(claims, partitions))).toBe(partitions);
      }),
    );
  });

  it('takes only the newcomer’s share when a member joins', () => {
    fc.assert(
      fc.property(settled, ({ claims, partitions }) => {
        const assigned = assignSticky([...claims, newcomer('a newcomer')], partitions);
        expect(kept(claims, assigned)).toBe(partitions - (assigned.get('a newcomer')?.length ?? 0));
      }),
    );
  });

  it('moves only the leaver’s partitions when a member leaves', () => {
    fc.assert(
      fc.property(settled, ({ claims, partitions }) => {
        const [leaver, ...rest] = claims;
        fc.pre(rest.length > 0);
        expect(kept(rest, assignSticky(rest, partitions))).toBe(partitions - (leaver?.owned.length ?? 0));
      }),
    );
  });

  it('believes the claim of the higher generation', () => {
    const stale = { memberId: 'a', owned: [0, 1], generation: 3 };
    const current = { memberId: 'b', owned: [1, 0], generation: 4 };
    const idle = { memberId: 'c', owned: [2, 3], generation: 4 };
    const assigned = assignSticky([stale, current, idle], 6);
    expect(assigned.get('b')).toEqual([0, 1]);
    expect(assigned.get('c')).toEqual([2, 3]);
    expect(assigned.get('a')).toEqual([4, 5]);
  });
});
