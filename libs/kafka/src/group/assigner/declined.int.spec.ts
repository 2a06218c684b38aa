import { afterEach, beforeEach, expect, inject, it, vi } from 'vitest';
import { type TestKafka, testKafka } from '../../testing/test-kafka.js';
import type { GroupMembership } from '../group-membership.js';

const patience = { timeout: 20_000, interval: 10 };
let kafka: TestKafka;
let members: GroupMembership[];

beforeEach(async () => {
  kafka = await testKafka(inject('kafkaBrokers'), 4);
  members = [];
});

afterEach(async () => {
  await Promise.all(members.map((member) => member.leave()));
  await kafka.close();
});

async function joined(name: string, declined: () => readonly number[]): Promise<GroupMembership> {
  const membership = kafka.another(`millrace-${name}`).membership({
    instanceId: name,
    address: `127.0.0.1:${members.length}`,
    declined,
    onAssigned: () => undefined,
  });
  members.push(membership);
  membership.start();
  const share = 4 / members.length;
  await vi.waitFor(() => expect(members.map(({ owned }) => owned.length)).toEqual(members.map(() => share)), patience);
  return membership;
}

it('a partition that its member declines goes to another one, and the counts stay', async () => {
  const declined: number[] = [];
  const a = await joined('a', () => declined);
  const b = await joined('b', () => []);
  const [bad = -1, good = -1] = a.owned;
  declined.push(bad);
  a.rejoin();
  await vi.waitFor(() => expect(b.owned).toContain(bad), patience);
  expect(a.owned).toContain(good);
  expect(a.owned).not.toContain(bad);
  expect([a.owned.length, b.owned.length]).toEqual([2, 2]);
});
