import { beforeEach, expect, test } from 'vitest';
import type { OwnerAnswer } from '#protocol';
import { FakeClock } from '../testing/fake-clock.js';
import { FakeCluster, member } from '../testing/fake-cluster.js';
import { type AskOutcome, OwnerClient } from './owner-client.js';
import { SpreadHints } from './spread-hints.js';

let clock: FakeClock;
let cluster: FakeCluster;
let owners: OwnerClient;

beforeEach(() => {
  clock = new FakeClock();
  cluster = new FakeCluster();
  owners = new OwnerClient(
    { channel: cluster, directory: cluster, clock, hints: new SpreadHints() },
    { attemptTimeoutMs: 1_000, ownerPatienceMs: 700, sliceMs: 5_000, requestTimeoutMs: 5_000 },
  );
});

const found: OwnerAnswer = { status: 'found', view: { status: 'completed' }, instance: 'e', epoch: '1.a' };

/** Advances until the promise has settled; fails when it does not within `ms`. */
async function within(ms: number, promise: Promise<AskOutcome>): Promise<AskOutcome> {
  let outcome: AskOutcome | undefined;
  void promise.then((value) => {
    outcome = value;
  });
  for (let passed = 0; passed <= ms && outcome === undefined; passed += 10) await clock.advance(10);
  if (outcome === undefined) throw new Error(`no outcome within ${ms} ms`);
  return outcome;
}

test('asks again where the partition has moved', async () => {
  cluster.query = () => {
    cluster.engine = member('engine-2', '127.0.0.1:7002');
    cluster.query = () => found;
    return { status: 'notOwner' };
  };
  expect(await within(200, owners.ask({ kind: 'workflow', workflowId: 'w' }, 2_000))).toEqual(found);
  expect(cluster.asked.map((one) => one.address)).toEqual(['127.0.0.1:7001', '127.0.0.1:7002']);
});

test('waits for an owner that recovers', async () => {
  const startedAt = clock.now();
  cluster.query = () => (clock.now() - startedAt < 400 ? { status: 'unavailable', code: 'RECOVERING', reason: 'reads the log' } : found);
  expect(await within(600, owners.ask({ kind: 'workflow', workflowId: 'w' }, 2_000))).toEqual(found);
});

test('gives a partition without owner up in under a second', async () => {
  cluster.engine = undefined;
  const outcome = await within(990, owners.ask({ kind: 'workflow', workflowId: 'w' }, 5_000));
  expect(outcome).toMatchObject({ status: 'unanswered', code: 'NO_OWNER' });
});

test('does not ask a quarantined entity twice', async () => {
  cluster.query = () => ({ status: 'unavailable', code: 'QUARANTINED', reason: 'a hole at offset 7' });
  expect(await within(50, owners.ask({ kind: 'workflow', workflowId: 'w' }, 5_000))).toMatchObject({ code: 'QUARANTINED' });
  expect(cluster.asked).toHaveLength(1);
});

test('does not ask a halted partition twice, and names why', async () => {
  cluster.query = () => ({ status: 'unavailable', code: 'HALTED', reason: 'COMMANDS_REPLACED' });
  const outcome = await within(50, owners.ask({ kind: 'workflow', workflowId: 'w' }, 5_000));
  expect(outcome).toMatchObject({ code: 'OWNER_UNAVAILABLE', message: expect.stringContaining('COMMANDS_REPLACED') });
  expect(cluster.asked).toHaveLength(1);
});

test('a result is looked for while its owner moves', async () => {
  const startedAt = clock.now();
  cluster.query = () => (clock.now() - startedAt < 3_000 ? 'silence' : found);
  expect(await within(4_000, owners.result('w', 'e', 0))).toEqual(found);
});

test('an answer of an unknown kind is no answer', async () => {
  cluster.query = () => ({}) as OwnerAnswer;
  expect(await within(1_200, owners.ask({ kind: 'workflow', workflowId: 'w' }, 1_000))).toMatchObject({ status: 'unanswered' });
});

test('a long wait is asked for in slices, each with time to answer', async () => {
  cluster.query = (request) => {
    const waitMs = request.query.kind === 'result' ? request.query.waitMs : 0;
    if (cluster.asked.length === 3) return found;
    clock.skip(waitMs);
    return { ...found, view: { status: 'running' } };
  };
  expect(await within(100, owners.result('w', 'e', 12_000))).toEqual(found);
  expect(cluster.asked.map((one) => (one.request.query.kind === 'result' ? one.request.query.waitMs : -1))).toEqual([5_000, 5_000, 2_000]);
  expect(cluster.asked[0]?.timeoutMs).toBe(6_000);
});

test('stopping ends the waits for results', async () => {
  cluster.request = () => new Promise(() => undefined);
  const waiting = owners.result('w', 'e', 60_000);
  owners.stopWaiting();
  expect(await within(50, waiting)).toMatchObject({ status: 'unanswered', code: 'SHUTTING_DOWN' });
});
