import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import type { KafkaConnection } from '../kafka-connection.js';
import { type BreakableSockets, breakableSockets } from '../testing/breakable-sockets.js';
import { type TestKafka, testKafka } from '../testing/test-kafka.js';
import type { GroupDirectory } from './consumer-protocol.js';
import type { AssignmentChange } from './group-member.js';
import type { GroupMembership } from './group-membership.js';

const partitions = 12;
const patience = { timeout: 20_000, interval: 10 };

interface Engine {
  readonly name: string;
  readonly connection: KafkaConnection;
  readonly membership: GroupMembership;
  readonly changes: AssignmentChange[];
  readonly directories: (readonly [memberId: string, directory: GroupDirectory])[];
  readonly positions: Map<number, number>;
  readonly network: BreakableSockets;
}

describe('a group of engines', () => {
  let kafka: TestKafka;
  let engines: Engine[];

  beforeEach(async () => {
    kafka = await testKafka(inject('kafkaBrokers'), partitions);
    engines = [];
  });

  afterEach(async () => {
    await Promise.all(engines.map((engine) => engine.membership.leave()));
    await kafka.close();
  });

  it('keeps what a member has when others come and go, and says so', async () => {
    const [a] = await joined('a');
    expect(a?.membership.owned).toHaveLength(12);
    const [, b] = await joined('b');
    await owning(6, 6);
    const [, , c] = await joined('c');
    await owning(4, 4, 4);
    for (const engine of [a, b, c]) expectConsistent(engine);
    expect(a?.changes.at(-1)).toMatchObject({ gained: [], lost: { length: 2 }, kept: { length: 4 } });
    expect(b?.changes.at(-1)).toMatchObject({ gained: [], lost: { length: 2 }, kept: { length: 4 } });
    expect(c?.changes).toMatchObject([{ gained: { length: 4 }, kept: [], lost: [] }]);

    const before = [a?.membership.owned, b?.membership.owned];
    await c?.membership.leave();
    engines.pop();
    await owning(6, 6);
    for (const [index, engine] of [a, b].entries()) {
      expect(engine?.changes.at(-1)).toMatchObject({ kept: before[index], lost: [], gained: { length: 2 } });
      expectConsistent(engine);
    }
  });

  it('answers who owns a partition from the coordinator, before, during and after a rebalance', async () => {
    const [a] = await joined('a');
    const owned = a?.membership.owned ?? [];
    expect(await Promise.all(owned.map((partition) => a?.membership.confirm(partition)))).toEqual(owned.map(() => 'owner'));
    const joining = joined('b');
    expect(['owner', 'notOwner']).toContain(await a?.membership.confirm(0));
    const [, b] = await joining;
    await owning(6, 6);
    for (const partition of owned) {
      const answers = [await a?.membership.confirm(partition), await b?.membership.confirm(partition)];
      expect(answers.sort()).toEqual(['notOwner', 'owner']);
    }
  });

  it('loses everything when the group puts it out, and comes back by itself', async () => {
    const [a] = await joined('a');
    const generation = a?.membership.generation() ?? 0;
    const memberId = a?.membership.memberId ?? '';
    await Promise.all([evict(memberId), evict(memberId)]); // two may find it dead at once
    await vi.waitFor(() => expect(a?.membership.generation()).toBeGreaterThan(generation), patience);
    await owning(12);
    expect(a?.changes.some(({ lost, gained }) => lost.length === 12 && gained.length === 0)).toBe(true);
    expect(a?.changes.at(-1)).toMatchObject({ gained: { length: 12 }, kept: [] });
  });

  it('goes on without its coordinator, does not know then, and knows again afterwards', async () => {
    const [a] = await joined('a');
    a?.network.breakAll();
    expect(await a?.membership.confirm(3)).toBe('unknown');
    expect(a?.membership.owned).toHaveLength(12);
    a?.network.mend();
    await vi.waitFor(async () => expect(await a?.membership.confirm(3)).toBe('owner'), patience);
  });

  it('tells every member under which id it is in the group and whom it is to watch', async () => {
    await joined('a');
    await joined('b');
    const [a, b, c] = await joined('c');
    await owning(4, 4, 4);
    for (const engine of [a, b, c]) {
      const others = [a, b, c].filter((other) => other !== engine);
      await vi.waitFor(() => {
        const [memberId, directory] = engine?.directories.at(-1) ?? ['', undefined];
        expect(memberId).toBe(engine?.membership.memberId);
        expect(directory?.members).toBe(3);
        expect(directory?.peers.map((peer) => peer.memberId).sort()).toEqual(others.map((other) => other?.membership.memberId).sort());
      }, patience);
    }
    const seen = a?.directories.at(-1)?.[1].peers.find(({ instance }) => instance === 'b');
    expect(seen).toMatchObject({ address: '127.0.0.1:b', liveness: { address: '127.0.0.1:b-liveness', process: 'process-b' } });
  });

  it('finds what a process of the same name has left in the group, and nobody else', async () => {
    const [a] = await joined('a');
    await joined('b');
    await owning(6, 6);
    const { membership } = another('a');
    const former = await membership.formerSelves('millrace-a');
    expect(former).toMatchObject([{ memberId: a?.membership.memberId, peer: { instance: 'a' } }]);
    expect(await another('c').membership.formerSelves('millrace-c')).toEqual([]);
  });

  it('shows its members, addresses, partitions and committed positions to others', async () => {
    const view = kafka.another('millrace-gateway').groupView();
    view.start();
    const [a, b] = [...(await joined('a')), ...(await joined('b'))].slice(-2);
    await owning(6, 6);
    await vi.waitFor(() => expect(view.members().map(({ partitions: held }) => held.length)).toEqual([6, 6]), patience);
    const owner = view.ownerOf(a?.membership.owned[0] ?? -1);
    expect(owner).toMatchObject({ instanceId: 'a', address: '127.0.0.1:a', clientId: 'millrace-a', partitions: a?.membership.owned });
    expect(view.trouble()).toBeUndefined();
    expect(view.state).toBe('Stable');

    const partition = b?.membership.owned[0] ?? -1;
    b?.positions.set(partition, 17).set(a?.membership.owned[0] ?? -1, 99); // the second is not its own: never committed
    await vi.waitFor(async () => expect(await committed()).toEqual([{ partition, offset: '17' }]), patience);
    await view.close();
  });

  async function joined(name: string): Promise<Engine[]> {
    const engine = another(name);
    engines.push(engine);
    engine.membership.start();
    await vi.waitFor(() => expect(engine.membership.owned.length).toBeGreaterThan(0), patience);
    return engines;
  }

  /** A further process of that name, not in the group yet. */
  function another(name: string): Engine {
    const network = breakableSockets();
    const connection = kafka.another(`millrace-${name}`, network.factory);
    const changes: AssignmentChange[] = [];
    const directories: Engine['directories'] = [];
    const positions = new Map<number, number>();
    const membership = connection.membership({
      instanceId: name,
      address: `127.0.0.1:${name}`,
      onAssigned: (change) => changes.push(change),
      positions: () => positions,
      liveness: () => ({ address: `127.0.0.1:${name}-liveness`, process: `process-${name}` }),
      onDirectory: (memberId, directory) => directories.push([memberId, directory]),
    });
    return { name, connection, membership, changes, directories, positions, network };
  }

  async function owning(...counts: number[]): Promise<void> {
    await vi.waitFor(() => expect(engines.map(({ membership }) => membership.owned.length)).toEqual(counts), patience);
    const all = engines.flatMap(({ membership }) => [...membership.owned]);
    expect(new Set(all).size).toBe(partitions);
  }

  async function committed(): Promise<{ partition: number; offset: string }[]> {
    const { groupId } = kafka.settings;
    const [topic] = await kafka.connection.admin().fetchOffsets({ groupId, topics: [kafka.connection.topics.commands] });
    return (topic?.partitions ?? []).filter(({ offset }) => offset !== '-1').map(({ partition, offset }) => ({ partition, offset }));
  }

  async function evict(memberId: string): Promise<void> {
    const stranger = kafka.another('millrace-evictor').membership({ instanceId: 'x', address: 'x', onAssigned: () => undefined });
    await stranger.evict(memberId);
  }
});

/** Kept, gained and lost of every change add up to what the next one starts from. */
function expectConsistent(engine: Engine | undefined): void {
  let held: number[] = [];
  for (const { gained, kept, lost } of engine?.changes ?? []) {
    expect([...kept, ...lost].sort()).toEqual([...held].sort());
    held = [...kept, ...gained];
  }
  expect(held.sort((x, y) => x - y)).toEqual(engine?.membership.owned);
}
