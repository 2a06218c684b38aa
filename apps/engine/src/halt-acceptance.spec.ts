import { beforeEach, expect, test } from 'vitest';
import type { AcceptAnswer, HaltAcceptance } from '#protocol';
import type { PartitionStatus } from '#runtime';
import { HaltAcceptances } from './halt-acceptance.js';

const wanted: HaltAcceptance = { code: 'COMMANDS_REPLACED', from: 'earliest' };
const other: HaltAcceptance = { code: 'COMMANDS_REPLACED', from: 'latest' };
let status: Pick<PartitionStatus, 'partition' | 'state' | 'reason'> | undefined;
let restarts: { readonly wanted: HaltAcceptance; readonly end: (answer: AcceptAnswer) => void }[];
let acceptances: HaltAcceptances;

beforeEach(() => {
  restarts = [];
  standing('halted', 'COMMANDS_REPLACED: the topic was recreated');
  const partitions = {
    statusOf: () => status,
    restartAccepting: (_partition: number, acceptance: HaltAcceptance) => {
      standing('recovering', 'an operator accepts');
      return new Promise<AcceptAnswer>((end) => restarts.push({ wanted: acceptance, end }));
    },
  };
  acceptances = new HaltAcceptances(partitions, 'engine-1');
});

function standing(state: PartitionStatus['state'], reason: string): void {
  status = { partition: 3, state, reason };
}

const accept = (acceptance: HaltAcceptance) => acceptances.accept({ partition: 3, acceptance });

test('the same acceptance, while it is under way and after it, is one', async () => {
  const first = accept(wanted);
  const second = accept(wanted);
  expect(await accept(other)).toMatchObject({ status: 'unavailable', code: 'RECOVERING' });
  restarts[0]?.end({ status: 'accepted', from: 4, state: 'active', instance: 'engine-1' });
  expect(await first).toEqual(await second);
  standing('active', '');
  expect(await accept(wanted)).toEqual({ status: 'accepted', from: 4, state: 'active', instance: 'engine-1' });
  expect(await accept(other)).toMatchObject({ status: 'refused', state: 'active' });
  expect(restarts).toHaveLength(1);
});

test('a new halt of the same kind is a new question', async () => {
  const first = accept(wanted);
  restarts[0]?.end({ status: 'accepted', from: 4, state: 'active', instance: 'engine-1' });
  await first;
  standing('halted', 'COMMANDS_REPLACED: again');
  void accept(wanted);
  expect(restarts).toHaveLength(2);
});

test('nothing is begun where the partition is not here, or stands still for another reason, or for none', async () => {
  standing('halted', 'EVENTS_REPLACED: the log holds nothing but fences');
  expect(await accept(wanted)).toMatchObject({ status: 'refused', code: 'EVENTS_REPLACED' });
  standing('halted', 'UNEXPECTED: something');
  expect(await accept(wanted)).toMatchObject({ status: 'refused', code: 'UNEXPECTED' });
  standing('active', '');
  expect(await accept(wanted)).toMatchObject({ status: 'refused', reason: expect.stringContaining('nothing to accept') });
  standing('stopped', 'lost');
  expect(await accept(wanted)).toEqual({ status: 'notOwner' });
  status = undefined;
  expect(await accept(wanted)).toEqual({ status: 'notOwner' });
  expect(restarts).toHaveLength(0);
});
