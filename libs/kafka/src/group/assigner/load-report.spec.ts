import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMember, encodeMember } from '../consumer-protocol.js';
import { reportedLoads, reportLoads } from './load-report.js';

const measured = fc.option(fc.record({ eventsPerSecond: fc.nat(1_000_000), stageMsPerSecond: fc.nat(8_000) }));
const owned = fc.uniqueArray(fc.record({ partition: fc.nat(1_000), load: measured }), { selector: ({ partition }) => partition });

const member = { instance: 'a', address: '127.0.0.1:1', generation: 3 };

describe('a load report', () => {
  it('says through the member’s user data what was measured, and nothing about the rest', () => {
    fc.assert(
      fc.property(owned, (claims) => {
        const partitions = claims.map(({ partition }) => partition);
        const loads = new Map(claims.flatMap(({ partition, load }) => (load === null ? [] : [[partition, load] as const])));
        const bytes = encodeMember('commands', { ...member, owned: partitions, load: reportLoads(partitions, loads) });
        const read = decodeMember(bytes);
        expect(read?.owned).toEqual(partitions);
        expect(reportedLoads(partitions, read?.load)).toEqual(loads);
      }),
    );
  });

  it('takes a few bytes for each partition', () => {
    const partitions = Array.from({ length: 1_000 }, (_, index) => index);
    const loads = new Map(partitions.map((partition) => [partition, { eventsPerSecond: 4_321.4, stageMsPerSecond: 712.3 }]));
    expect(JSON.stringify(reportLoads(partitions, loads)).length).toBeLessThan(10_000);
  });

  it('that cannot be read leaves the claim as it is', () => {
    const odd = { events: ['many'], stageMs: 3 } as unknown as ReturnType<typeof reportLoads>; // bytes of another version
    const read = decodeMember(encodeMember('commands', { ...member, owned: [1, 2], load: odd }));
    expect(read).toMatchObject({ owned: [1, 2], generation: 3, instance: 'a' });
    expect(reportedLoads([1, 2], read?.load).size).toBe(0);
  });

  it('of another length than the claim counts for nothing', () => {
    expect(reportedLoads([1, 2], { events: [5] }).size).toBe(0);
  });

  it('is absent where a member is of an older version', () => {
    const read = decodeMember(encodeMember('commands', { ...member, owned: [4] }));
    expect(reportedLoads([4], read?.load).size).toBe(0);
  });
});
