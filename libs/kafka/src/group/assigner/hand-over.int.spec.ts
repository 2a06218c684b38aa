import { afterEach, beforeEach, expect, inject, it, vi } from 'vitest';
import { type TestKafka, testKafka } from '../../testing/test-kafka.js';
import type { AssignmentChange } from '../group-member.js';
import type { GroupMembership } from '../group-membership.js';

const patience = { timeout: 20_000, interval: 5 };
const partitions = 6;

interface Member {
  readonly membership: GroupMembership;
  readonly changes: AssignmentChange[];
  readonly released: number[][];
  /** Lets hand-overs end that are under way. */
  readonly finish: () => void;
}

let kafka: TestKafka;
let members: Member[];
let endings: (() => void)[];

beforeEach(async () => {
  kafka = await testKafka(inject('kafkaBrokers'), partitions);
  members = [];
  endings = [];
});

afterEach(async () => {
  for (const { finish } of members) finish();
  for (const end of endings) end();
  await Promise.all(members.map(({ membership }) => membership.leave()));
  await kafka.close();
});

function join(name: string): Member {
  const changes: AssignmentChange[] = [];
  const released: number[][] = [];
  const ends: (() => void)[] = [];
  const membership = kafka.another(`millrace-${name}`).membership({
    instanceId: name,
    address: `127.0.0.1:${members.length}`,
    onAssigned: (change) => changes.push(change),
    onRelease: (given) => {
      released.push([...given]);
      return new Promise((resolve) => ends.push(resolve));
    },
  });
  const finish = () => {
    for (const end of ends.splice(0)) end();
  };
  const member = { membership, changes, released, finish };
  members.push(member);
  membership.start();
  return member;
}

const counts = () => members.map(({ membership }) => membership.owned.length);

it('what moves stays with its owner until that one has handed it over, and is nobody else’s before', async () => {
  const a = join('a');
  await vi.waitFor(() => expect(counts()).toEqual([6]), patience);
  const b = join('b');
  await vi.waitFor(() => expect(a.released).toHaveLength(1), patience);
  await vi.waitFor(() => expect(b.changes).toHaveLength(1), patience);
  const [given = []] = a.released;
  expect(given).toHaveLength(3);
  expect(counts()).toEqual([6, 0]);
  for (const partition of given) expect(await a.membership.confirm(partition)).toBe('owner');

  a.finish();
  await vi.waitFor(() => expect(counts()).toEqual([3, 3]), patience);
  expect([...b.membership.owned]).toEqual(given);
  for (const partition of given) expect(await b.membership.confirm(partition)).toBe('owner');
  expect(a.changes.flatMap(({ lost }) => lost)).toEqual(given);
  expect(b.changes.flatMap(({ lost }) => lost)).toEqual([]);
  expect(a.changes.at(-1)?.kept).toEqual([...a.membership.owned]);
});

it('gives what was to move to somebody where the one that was to have it has gone meanwhile', async () => {
  const a = join('a');
  await vi.waitFor(() => expect(counts()).toEqual([6]), patience);
  const b = join('b');
  await vi.waitFor(() => expect(a.released).toHaveLength(1), patience);
  await b.membership.leave();
  members.pop();
  a.finish();
  await vi.waitFor(() => expect(a.changes.at(-1)?.gained).toEqual(a.released[0]), patience);
  expect(counts()).toEqual([6]);
});

it('comes to rest where hand-overs end while members join', async () => {
  for (const name of ['a', 'b', 'c']) {
    const { finish } = join(name);
    const eager = setInterval(finish, 1);
    endings.push(() => clearInterval(eager));
  }
  await vi.waitFor(() => expect(counts()).toEqual([2, 2, 2]), patience);
  const { length } = members[0]?.changes ?? [];
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(members[0]?.changes.length).toBe(length);
});

it('leaves what it is ending alone when a member joins meanwhile, and comes to rest balanced', async () => {
  const a = join('a');
  await vi.waitFor(() => expect(counts()).toEqual([6]), patience);
  join('b');
  await vi.waitFor(() => expect(a.released).toHaveLength(1), patience);
  const c = join('c');
  await vi.waitFor(() => expect(c.changes.length).toBeGreaterThan(0), patience);
  const rest = setInterval(() => {
    for (const { finish } of members) finish();
  }, 50);
  await vi.waitFor(() => expect(counts()).toEqual([2, 2, 2]), patience).finally(() => clearInterval(rest));
  const all = members.flatMap(({ membership }) => [...membership.owned]).sort((x, y) => x - y);
  expect(all).toEqual([0, 1, 2, 3, 4, 5]);
  const ended = a.released.flat();
  expect(new Set(ended).size).toBe(ended.length);
});
