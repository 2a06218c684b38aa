import { beforeEach, describe, expect, test } from 'vitest';
import { OwnerStandings } from '../owners/owner-standings.js';
import { SpreadHints } from '../owners/spread-hints.js';
import { FakeClock, settle } from '../testing/fake-clock.js';
import { FakeCluster, member, standing } from '../testing/fake-cluster.js';
import { CommandGateway, type CommandOutcome } from './command-gateway.js';
import { commandIdOfKey } from './command-ids.js';
import { RepeatBudget } from './repeat-budget.js';

let clock: FakeClock;
let cluster: FakeCluster;
let gateway: CommandGateway;

beforeEach(() => {
  clock = new FakeClock();
  cluster = new FakeCluster();
  cluster.standings = () => everywhere({});
  const standings = new OwnerStandings({ channel: cluster, directory: cluster, clock }, undefined);
  gateway = new CommandGateway(
    { sender: cluster, replies: cluster, directory: cluster, standings, clock, hints: new SpreadHints(), observe: () => undefined },
    { correlationPrefix: 'g', requestTimeoutMs: 5_000, ownerPatienceMs: 700, maxPending: 3 },
  );
});

const cancel = { type: 'CancelExecution', workflowId: 'w1', data: { executionId: 'e1' } } as const;

/** All partitions in this state. */
function everywhere(state: Parameters<typeof standing>[1]) {
  return cluster.engine?.partitions.map((partition) => standing(partition, state)) ?? [];
}

/** Collects the outcome without waiting for it. */
function call(): { outcome: CommandOutcome | undefined } {
  const seen: { outcome: CommandOutcome | undefined } = { outcome: undefined };
  void gateway.call(cancel).then((outcome) => {
    seen.outcome = outcome;
  });
  return seen;
}

describe('repeats', () => {
  test('a command is sent once while its owner stays', async () => {
    cluster.decide = () => 'silence';
    const seen = call();
    await clock.advance(4_900);
    expect(cluster.sent).toHaveLength(1);
    await clock.advance(200);
    expect(seen.outcome).toMatchObject({ status: 'unknown', code: 'TIMEOUT' });
  });

  test('a command whose owner went away is repeated to the next one, byte for byte', async () => {
    cluster.decide = () => 'silence';
    const seen = call();
    await clock.advance(1_000);
    cluster.engine = undefined;
    await clock.advance(500);
    cluster.engine = member('engine-2', '127.0.0.1:7002');
    await clock.advance(100);
    expect(cluster.sent).toHaveLength(1); // the new owner may be about to answer
    cluster.decide = () => ({ ok: true, result: { status: 'cancelled' } });
    await clock.advance(700);
    expect(cluster.sent).toHaveLength(2);
    expect(cluster.sent[1]).toEqual(cluster.sent[0]);
    expect(seen.outcome).toMatchObject({ status: 'applied', result: { status: 'cancelled' } });
    await clock.advance(5_000);
    expect(cluster.sent).toHaveLength(2);
  });

  test('a command whose owner recovers is not repeated before that owner serves', async () => {
    cluster.decide = () => 'silence';
    call();
    await clock.advance(500);
    cluster.engine = member('engine-2', '127.0.0.1:7002');
    cluster.standings = () => everywhere({ state: 'recovering', reason: 'reads the log' });
    await clock.advance(2_500);
    expect(cluster.sent).toHaveLength(1);
    cluster.standings = () => everywhere({ epoch: '9.cd' });
    await clock.advance(1_000);
    expect(cluster.sent).toHaveLength(2);
  });

  test('a command whose owner stays in a new epoch is repeated once', async () => {
    cluster.decide = () => 'silence';
    call();
    await clock.advance(1_000);
    cluster.standings = () => everywhere({ epoch: '9.cd' });
    await clock.advance(3_000);
    expect(cluster.sent).toHaveLength(2);
  });

  test('a new owner that cannot be asked is sent the command after a second and a half', async () => {
    cluster.decide = () => 'silence';
    call();
    await clock.advance(500);
    cluster.engine = member('engine-2', '127.0.0.1:7002');
    cluster.standings = () => {
      throw new Error('connection refused');
    };
    await clock.advance(1_300);
    expect(cluster.sent).toHaveLength(1);
    await clock.advance(700);
    expect(cluster.sent).toHaveLength(2);
  });

  test('repeats stay under a tenth of the traffic', () => {
    const budget = new RepeatBudget(2, 3);
    expect([budget.take(), budget.take(), budget.take()]).toEqual([true, true, false]);
    for (let i = 0; i < 11; i += 1) budget.countSend();
    expect([budget.take(), budget.take()]).toEqual([true, false]);
    for (let i = 0; i < 1_000; i += 1) budget.countSend();
    expect([budget.take(), budget.take(), budget.take(), budget.take()]).toEqual([true, true, true, false]);
  });
});

describe('a halted partition', () => {
  const halt = { state: 'halted', reason: 'COMMANDS_REPLACED: the commands topic was recreated' } as const;

  test('is named in under a second to a command that was sent before anybody knew', async () => {
    cluster.decide = () => 'silence';
    cluster.standings = () => everywhere(halt);
    const seen = call();
    await clock.advance(900);
    expect(seen.outcome).toMatchObject({ status: 'unknown', code: 'OWNER_UNAVAILABLE' });
    expect(seen.outcome).toMatchObject({ message: expect.stringContaining(halt.reason) });
  });

  test('is sent nothing more until it serves again', async () => {
    cluster.decide = () => 'silence';
    cluster.standings = () => everywhere(halt);
    call();
    await clock.advance(900);
    const refused = call();
    await clock.advance(10);
    expect(refused.outcome).toMatchObject({ status: 'notSent', code: 'OWNER_UNAVAILABLE' });
    expect(cluster.sent).toHaveLength(1);
    cluster.standings = () => everywhere({ epoch: '9.cd' });
    cluster.decide = () => ({ ok: true, result: {} });
    await clock.advance(400);
    const taken = call();
    await clock.advance(10);
    expect(taken.outcome).toMatchObject({ status: 'applied' });
  });
});

test('a command that times out says what its owner is doing', async () => {
  cluster.decide = () => 'silence';
  cluster.standings = () => everywhere({ state: 'recovering', reason: 'the store cannot be asked' });
  const seen = call();
  await clock.advance(5_100);
  expect(seen.outcome).toMatchObject({ status: 'unknown', code: 'TIMEOUT', message: expect.stringContaining('the store cannot be asked') });
});

test('an owner that appears within the patience is waited for', async () => {
  cluster.engine = undefined;
  const seen = call();
  await clock.advance(500);
  cluster.engine = member('engine-1', '127.0.0.1:7001');
  await clock.advance(200);
  expect(seen.outcome?.status).toBe('applied');
});

test('an owner that does not appear is given up in under a second, and nothing is sent', async () => {
  cluster.engine = undefined;
  const seen = call();
  await clock.advance(999);
  expect(seen.outcome).toMatchObject({ status: 'notSent', code: 'NO_OWNER' });
  expect(cluster.sent).toHaveLength(0);
});

test('a partition that lost its owner while the command waited says so in under a second, outcome unknown', async () => {
  cluster.decide = () => 'silence';
  const seen = call();
  await clock.advance(10);
  cluster.engine = undefined;
  await clock.advance(900);
  expect(seen.outcome).toMatchObject({ status: 'unknown', code: 'NO_OWNER' });
});

test('over the limit commands are refused, and taken again once others have ended', async () => {
  cluster.decide = () => 'silence';
  call();
  call();
  call();
  const fourth = call();
  await settle();
  expect(fourth.outcome).toMatchObject({ status: 'notSent', code: 'RESOURCE_EXHAUSTED' });
  await clock.advance(5_000);
  cluster.decide = () => ({ ok: true, result: {} });
  expect((await gateway.call(cancel)).status).toBe('applied');
});

test('a command larger than a record may be says so', async () => {
  cluster.sendOutcome = { status: 'notWritten', reason: 'MESSAGE_TOO_LARGE', isTooLarge: true };
  expect(await gateway.call(cancel)).toMatchObject({ status: 'notSent', code: 'PAYLOAD_TOO_LARGE' });
  expect(await gateway.submit(cancel)).toMatchObject({ status: 'notSent', code: 'PAYLOAD_TOO_LARGE' });
});

test('stopping waits for the commands on their way', async () => {
  cluster.decide = () => 'silence';
  call();
  await settle();
  gateway.stopIntake();
  let isDrained = false;
  void gateway.drained().then(() => {
    isDrained = true;
  });
  await clock.advance(4_000);
  expect(isDrained).toBe(false);
  await clock.advance(1_100);
  expect(isDrained).toBe(true);
});

test('an Idempotency-Key counts per operation and workflow', () => {
  const id = commandIdOfKey('ExecuteWorkflow', 'w1', 'k');
  expect(commandIdOfKey('ExecuteWorkflow', 'w1', 'k')).toBe(id);
  expect(new Set([id, commandIdOfKey('DeleteWorkflow', 'w1', 'k'), commandIdOfKey('ExecuteWorkflow', 'w2', 'k')]).size).toBe(3);
  expect(commandIdOfKey('a', 'bc', 'd')).not.toBe(commandIdOfKey('ab', 'c', 'd'));
});
