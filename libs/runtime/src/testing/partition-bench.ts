import { controlNodes, createCoreEnvironment } from '#core';
import type { LogRecord, OwnerAnswer, OwnerQuery, Reply } from '#protocol';
import {
  type AppendFault,
  CommandTopic,
  EventLogBroker,
  faultlessCommands,
  faultlessLog,
  GroupCoordinator,
  InMemoryCommandLog,
  InMemoryMembership,
  InMemoryPartitionLog,
  InMemoryReplySink,
  InMemorySnapshotStore,
  literalExpressions,
  type Observation,
  recordingObserver,
  ScriptedWorkRunner,
  SeededIds,
  SeededRandom,
  SnapshotDatabase,
  type StoreFault,
  type StoreStatement,
  succeedAtOnce,
  testCatalog,
  VirtualClock,
  type WorkScript,
} from '#testing/memory';
import { pause } from '../control/waiting.js';
import { PartitionRuntime } from '../partition-runtime.js';
import type { Work } from '../ports/work-runner.js';
import type { RuntimePorts, RuntimeSettings } from '../runtime-api.js';

export const benchSettings: RuntimeSettings = {
  instanceId: 'a',
  address: 'a:1',
  partitions: 1,
  maxBatchInputs: 100,
  maxAppendBytes: 20_000,
  maxBatchMs: 4,
  maxMailbox: 100,
  maxMailboxBytes: 1_000_000,
  maxExecutionsPerWorkflow: 1_000,
  maxDecidedAbove: 50,
  snapshotEvery: 100,
  maxReplay: 10_000,
  snapshotIntervalMs: 100,
  passivateAfterMs: 60_000,
  dedupeWindowMs: 3_600_000,
  progressTimeoutMs: 20_000,
  freshForMs: 1_000,
  wakeAheadMs: 2_000,
  maxClockSkewMs: 1_000,
};

/** Definitions for specs: one task; a task, a wait for a signal, a task; a delay. */
export const graphs = {
  step: { name: 'step', nodes: [{ id: 'a', nodeType: 'test.step', config: {} }], edges: [] },
  stage: {
    name: 'stage',
    nodes: [
      { id: 'in', nodeType: 'test.source', config: {} },
      { id: 'out', nodeType: 'test.sink', config: {} },
    ],
    edges: [{ id: 'e', source: 'in', target: 'out' }],
  },
  signal: {
    name: 'signal',
    nodes: [
      { id: 'wait', nodeType: 'flow.signal', config: { name: 'go' } },
      { id: 'b', nodeType: 'test.step', config: {} },
    ],
    edges: [{ id: 'e', source: 'wait', target: 'b' }],
  },
  delay: { name: 'delay', nodes: [{ id: 'd', nodeType: 'flow.delay', config: { duration: '30s' } }], edges: [] },
} as const;

interface Envelope {
  /** Of the record; the workflow's id where it is left out. */
  readonly key?: string;
  /** Where the record is put; 0 where it is left out. */
  readonly partition?: number;
  /** As engines mark what they send to each other. */
  readonly route?: 'home' | 'shard';
  readonly commandId?: string;
  readonly issuedAt?: number;
  readonly expiresAt?: number;
}

/** One partition's world in memory, with owners that come and go in virtual time. */
export class PartitionBench {
  readonly clock = new VirtualClock();
  readonly broker = new EventLogBroker(() => this.clock.monotonic() + this.brokerAheadMs);
  readonly topic: CommandTopic;
  readonly database = new SnapshotDatabase();
  readonly coordinator = new GroupCoordinator();
  readonly observed: Observation[] = [];
  readonly replies = new InMemoryReplySink();
  brokerAheadMs = 0;
  appendFault: (records: readonly LogRecord[]) => AppendFault | undefined = () => undefined;
  storeFault: (statement: StoreStatement) => StoreFault | undefined = () => undefined;
  script: (work: Work) => WorkScript = succeedAtOnce;
  readonly works: Work[] = [];
  /** Units whose leftovers were removed, and how long that takes. */
  readonly discarded: string[] = [];
  discardMs = 5;
  isCoordinatorAway = false;
  /** The fetch path has died, and does not know it. */
  isReaderDead = false;
  /** How often somebody asked where commands begin and end. */
  boundsAsked = 0;
  /** Appends are never answered, not even by a time-out: a defect of an adapter. */
  areAppendsLost = false;
  /** Nothing is written to the commands topic. */
  areForwardsLost = false;
  /** Why the work runner takes no more. */
  overload: string | undefined;
  readonly #core = createCoreEnvironment({ catalog: testCatalog(controlNodes), expressions: literalExpressions });
  #commands = 0;

  constructor(readonly settings: Partial<RuntimeSettings> = {}) {
    this.topic = new CommandTopic(settings.partitions ?? 1, () => this.clock.monotonic());
  }

  /** A new owner of a partition in its own process, named by the group, recovered. */
  async owner(instanceId = 'a', partition = 0): Promise<PartitionRuntime> {
    const runtime = this.begin(instanceId, partition);
    await this.clock.advance(50);
    return runtime;
  }

  begin(instanceId = 'a', partition = 0): PartitionRuntime {
    const runtime = this.make(instanceId, partition);
    runtime.start('assigned');
    return runtime;
  }

  /** A runtime of the process that the group names, not started. */
  make(instanceId: string, partition = 0): PartitionRuntime {
    this.coordinator.assign(partition, instanceId);
    return new PartitionRuntime(partition, this.#ports(instanceId), { ...benchSettings, ...this.settings, instanceId });
  }

  /** Ends an owner while time goes on, so that what runs can end. */
  async stop(runtime: PartitionRuntime, mode: 'handOff' | 'lost' = 'lost'): Promise<void> {
    const stopped = runtime.stop(mode);
    await this.clock.advance(300);
    await stopped;
  }

  /** Produces a command; its id is returned. `more` adds to or replaces fields of the envelope. */
  produce(type: string, workflowId: string, data: object = {}, envelope: Envelope = {}): string {
    const { key = workflowId, partition = 0, route, ...more } = envelope;
    const commandId = more.commandId ?? `c${++this.#commands}`;
    const value = JSON.stringify({ commandId, type, workflowId, data, ...more });
    this.topic.produce(
      { key, value, headers: { 'reply-topic': 'replies', 'correlation-id': commandId, ...(route ? { route } : {}) } },
      partition,
    );
    return commandId;
  }

  /** Produces a command and lets 50 ms pass; the last reply to it. */
  async ask(type: string, workflowId: string, data: object = {}, more: Envelope = {}): Promise<Reply | undefined> {
    const commandId = this.produce(type, workflowId, data, more);
    await this.clock.advance(50);
    return this.repliesTo(commandId).at(-1);
  }

  repliesTo(commandId: string): readonly Reply[] {
    return this.replies.sent.map(({ reply }) => reply).filter((reply) => reply.commandId === commandId);
  }

  create(workflowId: string, graph: keyof typeof graphs): Promise<Reply | undefined> {
    return this.ask('CreateWorkflow', workflowId, { definition: graphs[graph] });
  }

  /** The status of an execution as its owner says it, or why it does not. */
  async statusOf(runtime: PartitionRuntime, workflowId: string, executionId: string): Promise<string> {
    const answer = await this.query(runtime, { kind: 'execution', workflowId, executionId });
    return answer.status === 'found' ? String(answer.view.status) : answer.status === 'unavailable' ? answer.code : answer.status;
  }

  async query(runtime: PartitionRuntime, query: OwnerQuery): Promise<OwnerAnswer> {
    const answer = runtime.query(query);
    await this.clock.advance(20);
    return answer;
  }

  /** Types of all records in the log, in order. */
  types(partition = 0): readonly string[] {
    return this.broker.all(partition).map((record) => record.headers.type ?? '');
  }

  count(kind: Observation['kind']): number {
    return this.observed.filter((one) => one.kind === kind).length;
  }

  #ports(instanceId: string): RuntimePorts {
    const { clock, broker, database } = this;
    const heartbeat = () => ({ askMs: 1, answerMs: 1, away: this.isCoordinatorAway });
    const log = new InMemoryPartitionLog({
      broker,
      clock,
      faults: { ...faultlessLog, append: (_, records) => this.appendFault(records) ?? { deliverMs: 1, answerMs: 1 } },
    });
    const work = new ScriptedWorkRunner(clock, (one) => {
      this.works.push(one);
      return this.script(one);
    });
    return {
      clock,
      log: {
        append: (partition, records) => (this.areAppendsLost ? new Promise(() => undefined) : log.append(partition, records)),
        read: (partition, fromOffset, options) => log.read(partition, fromOffset, options),
      },
      commands: new InMemoryCommandLog(this.topic, clock, {
        ...faultlessCommands,
        deliverMs: () => (this.isReaderDead ? undefined : 0),
        write: () => ({ delayMs: 1, outcome: this.areForwardsLost ? 'lost' : 'written' }),
        boundsFail: () => {
          this.boundsAsked += 1;
          return false;
        },
      }),
      snapshots: new InMemorySnapshotStore({
        database,
        clock,
        faults: (statement) => this.storeFault(statement) ?? { runMs: 1, answerMs: 1 },
      }),
      membership: new InMemoryMembership(this.coordinator, instanceId, clock, { faults: heartbeat }),
      replies: this.replies,
      work: {
        start: (one, listener) => work.start(one, listener),
        overloaded: () => this.overload,
        discard: ({ executionId, unitId }) => {
          this.discarded.push(`${executionId}/${unitId}`);
          return pause(clock, this.discardMs, new AbortController().signal);
        },
      },
      random: new SeededIds(new SeededRandom(7 + this.works.length + broker.end(0)), instanceId),
      observer: recordingObserver((observation) => this.observed.push(observation)),
      core: this.#core,
    };
  }
}
