import type { PlanUnit } from '#core';
import type { Clock, Work } from '#runtime';
import {
  CommandTopic,
  EventLogBroker,
  GroupCoordinator,
  InMemoryCommandLog,
  InMemoryMembership,
  InMemoryPartitionLog,
  InMemorySnapshotStore,
  ScriptedWorkRunner,
  SnapshotDatabase,
  succeedAtOnce,
  type WorkScript,
} from '../memory/index.js';
import { commandLogContract, membershipContract, partitionLogContract, snapshotStoreContract, workRunnerContract } from './index.js';

/** The twins on wall time: the suites cannot move a virtual clock, because adapters have none. */
const wallClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
const close = (): Promise<void> => Promise.resolve();

partitionLogContract('InMemoryPartitionLog', async () => {
  const maxBatchBytes = 100_000;
  const broker = new EventLogBroker(wallClock.now, maxBatchBytes);
  return { log: new InMemoryPartitionLog({ broker, clock: wallClock }), partition: 0, otherPartition: 1, maxBatchBytes, close };
});

commandLogContract('InMemoryCommandLog', async () => {
  const topic = new CommandTopic(2, wallClock.now);
  return {
    commands: new InMemoryCommandLog(topic, wallClock),
    partition: 0,
    otherPartition: 1,
    produce: async (partition, record) => void topic.produce(record, partition),
    rejected: async () => topic.rejected,
    close,
  };
});

snapshotStoreContract('InMemorySnapshotStore', async () => {
  const database = new SnapshotDatabase();
  const connect = (): InMemorySnapshotStore => new InMemorySnapshotStore({ database, clock: wallClock });
  return { store: connect(), rival: connect(), partition: 0, otherPartition: 1, close };
});

membershipContract('InMemoryMembership', async () => {
  const coordinator = new GroupCoordinator();
  let away = false;
  return {
    membership: new InMemoryMembership(coordinator, 'me', wallClock, { faults: () => ({ askMs: 0, answerMs: 0, away }) }),
    partition: 3,
    give: async () => coordinator.assign(3, 'me'),
    take: async () => coordinator.assign(3, 'somebody else'),
    silence: async () => {
      away = true;
    },
    close,
  };
});

const scripts: Readonly<Record<string, (work: Work) => WorkScript>> = {
  completing: (work) => ({ ...succeedAtOnce(work), runMs: 1 }),
  failing: () => ({ runMs: 1, outcome: { status: 'failed', error: { code: 'BROKEN', message: 'as asked' } } }),
  endless: (work) => ({ ...succeedAtOnce(work), runMs: 3_600_000 }),
  checkpointing: (work) => ({ ...succeedAtOnce(work), runMs: 1, checkpoints: [1, 2, 3] }),
};

workRunnerContract('ScriptedWorkRunner', async () => {
  const runner = new ScriptedWorkRunner(wallClock, (work) => (scripts[work.workflowId] ?? succeedAtOnce)(work));
  let count = 0;
  const work = (workflowId: string) => (): Work => workNamed(workflowId, `x${count++}`);
  return {
    runner,
    completing: work('completing'),
    failing: work('failing'),
    endless: work('endless'),
    checkpointing: work('checkpointing'),
    close,
  };
});

function workNamed(workflowId: string, executionId: string): Work {
  const unit: PlanUnit = {
    id: 'a',
    kind: 'stage',
    nodeIds: ['a', 'b'],
    innerEdges: [],
    incoming: [],
    outgoing: [],
    retry: { maxAttempts: 1, initialIntervalMs: 1, multiplier: 1, maxIntervalMs: 1, jitter: 0, nonRetryable: [] },
    onError: 'fail',
  };
  const base = { workflowId, executionId, attempt: 1, unit, nodes: [], input: null, scope: {} };
  return { ...base, partition: 0, epoch: '0.x', idempotencyKey: `${executionId}/a/1` };
}
