import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { type TestKafka, testKafka } from '../../testing/test-kafka.js';
import type { AssignmentChange } from '../group-member.js';
import type { GroupMembership } from '../group-membership.js';
import type { PartitionLoad } from './claim.js';

const patience = { timeout: 20_000, interval: 10 };

interface Engine {
  readonly membership: GroupMembership;
  readonly changes: AssignmentChange[];
}

describe('a group whose members report load', () => {
  let kafka: TestKafka;
  let engines: Engine[];
  /** Events per second by partition, as whoever owns it would measure. */
  let rates: Map<number, number> | undefined;

  beforeEach(async () => {
    kafka = await testKafka(inject('kafkaBrokers'), 8);
    engines = [];
    rates = undefined;
  });

  afterEach(async () => {
    await Promise.all(engines.map(({ membership }) => membership.leave()));
    await kafka.close();
  });

  it('moves one hot partition for a light one when a member asks, and keeps the others', async () => {
    const [a, b] = [await joined('a'), await joined('b')];
    const [hot = -1, warm = -1] = a.membership.owned;
    rates = new Map([
      [hot, 12_000],
      [warm, 10_000],
    ]);
    const before = a.membership.generation();
    a.membership.rejoin();
    await settledAfter(before);
    expect([a, b].map(({ membership }) => membership.owned.filter((partition) => rates?.has(partition)).length)).toEqual([1, 1]);
    for (const { changes, membership } of [a, b]) {
      expect(changes.at(-1)).toMatchObject({ gained: { length: 1 }, lost: { length: 1 }, kept: { length: 3 } });
      expect(membership.owned).toHaveLength(4);
    }
  });

  it('keeps everything when a member asks and nothing is to be moved', async () => {
    const [a, b] = [await joined('a'), await joined('b')];
    const held = [a, b].map(({ membership }) => membership.owned);
    rates = new Map(held.flat().map((partition) => [partition, 3_000]));
    for (const engine of [b, a]) {
      const before = engine.membership.generation();
      const seen = engine.changes.length;
      engine.membership.rejoin();
      await settledAfter(before);
      await vi.waitFor(() => expect(engine.changes.length).toBeGreaterThan(seen), patience);
      expect([a, b].map(({ membership }) => membership.owned)).toEqual(held);
      for (const { changes } of [a, b]) expect(changes.at(-1)).toMatchObject({ gained: [], lost: [], kept: { length: 4 } });
    }
  });

  it('keeps everything when members ask that report no load', async () => {
    const [a, b] = [await joined('a'), await joined('b')];
    for (const engine of [a, b]) {
      const seen = engine.changes.length;
      engine.membership.rejoin();
      await vi.waitFor(() => expect(engine.changes.length).toBeGreaterThan(seen), patience);
      expect(engine.changes.at(-1)).toMatchObject({ gained: [], lost: [], kept: { length: 4 } });
    }
  });

  async function joined(name: string): Promise<Engine> {
    const changes: AssignmentChange[] = [];
    const membership = kafka.another(`millrace-${name}`).membership({
      instanceId: name,
      address: `127.0.0.1:${name}`,
      onAssigned: (change) => changes.push(change),
      loads: () => measured(membership.owned),
    });
    engines.push({ membership, changes });
    membership.start();
    const share = 8 / engines.length;
    await vi.waitFor(() => expect(engines.every((engine) => engine.membership.owned.length === share)).toBe(true), patience);
    return { membership, changes };
  }

  function measured(owned: readonly number[]): ReadonlyMap<number, PartitionLoad> {
    if (rates === undefined) return new Map();
    return new Map(owned.map((partition) => [partition, { eventsPerSecond: rates?.get(partition) ?? 10, stageMsPerSecond: 0 }]));
  }

  async function settledAfter(generation: number): Promise<void> {
    await vi.waitFor(() => {
      const [first = -1, ...others] = engines.map(({ membership }) => membership.generation());
      expect(first).toBeGreaterThan(generation);
      expect(others.every((other) => other === first)).toBe(true);
    }, patience);
  }
});
