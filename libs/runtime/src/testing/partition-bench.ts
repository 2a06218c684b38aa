import { controlNodes, createCoreEnvironment } from '#core';
import type { LogRecord, OwnerAnswer, OwnerQuery, Reply } from '#protocol';
import {
  type AppendFault,
  CommandTopic,
  EventLogBroker,
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
import { PartitionRuntime } from '../partition-runtime.js';
import type { Work } from '../ports/work-runner.js';
import type { RuntimePorts, RuntimeSettings } from '../runtime-api.js';

export const benchSettings: RuntimeSettings = {
  instanceId: 'a',
  address: 'a:1',
  partitions: 1,
  maxBatchInputs: 100,
  maxAppendBytes: 20_000,
  maxMailbox: 100,
  maxDecidedAbove: 50,
  snapshotEvery: 100,
  maxReplay: 10_000,
  snapshotIntervalMs: 100,
  passivateAfterMs: 60_000,
  dedupeWindowMs: 3_600_000,
  freshForMs: 1_000,
  wakeAheadMs: 2_000,
  maxClockSkewMs: 1_000,
};

/** Definitions for specs: one task; a task, a wait for a signal, a task; a delay. */
export const graphs = {
  step: { name: 'step', nodes: [{ id: 'a', nodeType: 'test.step', config: {} }], edges: [] },
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
  readonly commandId?: string;
  readonly issuedAt?: number;
  readonly expiresAt?: number;
}

/** One partition's world in memory, with owners that come and go in virtual time. */
export class PartitionBench {
  readonly clock = new VirtualClock();
  readonly broker = new EventLogBroker(() => this.clock.now() + this.brokerAheadMs);
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
  isCoordinatorAway = false;
  readonly #core = createCoreEnvironment({ catalog: testCatalog(controlNodes), expressions: literalExpressions });
  #commands = 0;

  constructor(readonly settings: Partial<RuntimeSettings> = {}) {
    this.topic = new CommandTopic(settings.partitions ?? 1, () => this.clock.now());
  }

  /** A new owner of partition 0 in its own process, named by the group, recovered. */
  async owner(instanceId = 'a'): Promise<PartitionRuntime> {
    const runtime = this.begin(instanceId);
    await this.clock.advance(50);
    return runtime;
  }

  begin(instanceId = 'a'): PartitionRuntime {
    this.coordinator.assign(0, instanceId);
    const runtime = new PartitionRuntime(0, this.#ports(instanceId), { ...benchSettings, ...this.settings, instanceId });
    runtime.start('assigned');
    return runtime;
  }

  /** Ends an owner while time goes on, so that what runs can end. */
  async stop(runtime: PartitionRuntime, mode: 'handOff' | 'lost' = 'lost'): Promise<void> {
    const stopped = runtime.stop(mode);
    await this.clock.advance(100);
    await stopped;
  }

  /** Produces a command; its id is returned. `more` adds to or replaces fields of the envelope. */
  produce(type: string, workflowId: string, data: object = {}, more: Envelope = {}): string {
    const commandId = more.commandId ?? `c${++this.#commands}`;
    const value = JSON.stringify({ commandId, type, workflowId, data, ...more });
    this.topic.produce({ key: workflowId, value, headers: { 'reply-topic': 'replies', 'correlation-id': commandId } }, 0);
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
  types(): readonly string[] {
    return this.broker.all(0).map((record) => record.headers.type ?? '');
  }

  count(kind: Observation['kind']): number {
    return this.observed.filter((one) => one.kind === kind).length;
  }

  #ports(instanceId: string): RuntimePorts {
    const { clock, broker, database } = this;
    const heartbeat = () => ({ askMs: 1, answerMs: 1, away: this.isCoordinatorAway });
    return {
      clock,
      log: new InMemoryPartitionLog({
        broker,
        clock,
        faults: { ...faultlessLog, append: (_, records) => this.appendFault(records) ?? { deliverMs: 1, answerMs: 1 } },
      }),
      commands: new InMemoryCommandLog(this.topic, clock),
      snapshots: new InMemorySnapshotStore({
        database,
        clock,
        faults: (statement) => this.storeFault(statement) ?? { runMs: 1, answerMs: 1 },
      }),
      membership: new InMemoryMembership(this.coordinator, instanceId, clock, { faults: heartbeat }),
      replies: this.replies,
      work: new ScriptedWorkRunner(clock, (work) => {
        this.works.push(work);
        return this.script(work);
      }),
      random: new SeededIds(new SeededRandom(7 + this.works.length + broker.end(0)), instanceId),
      observer: recordingObserver((observation) => this.observed.push(observation)),
      core: this.#core,
    };
  }
}
