import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SeededRandom } from '#testing/memory';
import { until } from '../cluster/until.js';
import { Caller } from './callers/caller.js';
import { callHttp, type HttpCall } from './callers/http-way.js';
import { KafkaWay } from './callers/kafka-way.js';
import { isUndecided, Ledger } from './callers/ledger.js';
import { Watcher } from './callers/watcher.js';
import { History } from './checker/history.js';
import { judge } from './checker/judge.js';
import { LogFollower } from './checker/log-follower.js';
import { playFaults } from './faults/fault-driver.js';
import { FaultInjector } from './faults/fault-injector.js';
import { FaultLog } from './faults/fault-log.js';
import { FaultPlan } from './faults/fault-plan.js';
import { recreateCommands } from './faults/recreated-topics.js';
import type { DrawnWorkflow } from './program/drawn-workflow.js';
import { drawStanding, StoryTeller } from './program/story.js';
import { progressText, type Summary, summaryOf } from './report.js';
import type { ChaosOptions, RunEvidence } from './run-evidence.js';
import { ChaosWorld } from './world/chaos-world.js';
import { Vitals } from './world/vitals.js';

const standingWorkflows = 14;

/** One run: a cluster, callers, faults; then everything heals, comes to rest and is judged. The cluster is gone afterwards; its directory stays. */
export class ChaosRun implements RunEvidence {
  readonly ledger = new Ledger();
  readonly history = new History();
  readonly watcher: Watcher;
  readonly faults: FaultLog;
  readonly injector: FaultInjector;
  readonly workflows = new Map<string, DrawnWorkflow[]>();
  readonly vitals: Vitals;
  readonly startedAt = Date.now();
  readonly #until: number;
  #callersStop = false;
  readonly #troubles: string[] = [];

  private constructor(
    readonly options: ChaosOptions,
    readonly world: ChaosWorld,
    private readonly kafka: KafkaWay,
  ) {
    this.#until = Date.now() + options.minutes * 60_000;
    this.watcher = new Watcher(
      () => world.url,
      () => this.#callersStop,
    );
    this.faults = new FaultLog(join(world.directory, 'faults.log'));
    this.injector = new FaultInjector(world, this.faults);
    this.vitals = new Vitals(world, this.history);
  }

  /** Runs and returns what was found; rejects only when the run itself could not be made. */
  static async run(options: ChaosOptions): Promise<Summary> {
    options.onProgress(`seed ${options.seed}, ${options.minutes} min: starting a broker, a database and five processes`);
    const world = await ChaosWorld.start();
    options.onProgress(`everything is kept in ${world.directory}`);
    let run: ChaosRun | undefined;
    try {
      run = new ChaosRun(options, world, await KafkaWay.connect(world.cluster.kafka.brokers));
      return await run.#live();
    } finally {
      await run?.kafka.close();
      await world.stop();
    }
  }

  get isFaultTimeOver(): boolean {
    return Date.now() >= this.#until;
  }

  async #live(): Promise<Summary> {
    const { seed, minutes, onProgress } = this.options;
    const follower = new LogFollower(this.world.cluster.kafka.brokers, this.history);
    const random = new SeededRandom(seed);
    const standing = drawStanding(random.fork(), standingWorkflows);
    for (const workflow of standing) await this.#create(workflow);
    this.vitals.start();
    const progress = setInterval(() => onProgress(progressText(this)), 10_000);
    const watching = this.watcher.run();
    const callers = Array.from({ length: this.options.callers ?? 8 }, (_, i) => this.#call(`c${i}`, random.fork(), standing));
    await playFaults(new FaultPlan(seed, minutes < 5), this.injector, () => this.isFaultTimeOver);
    onProgress(`faults are over after ${Math.round((Date.now() - this.startedAt) / 1_000)} s: healing`);
    await this.#orViolation('the cluster does not heal', () => this.world.heal());
    await delay(2_000);
    this.#callersStop = true;
    await Promise.all([...callers, watching]);
    clearInterval(progress);
    const violations = (await this.#orViolation('the run could not be judged', () => judge(this))) ?? [];
    onProgress('recreating the commands topic: every partition must halt by name');
    const recreated = await this.#orViolation('the topic could not be recreated', () => recreateCommands(this));
    violations.push(...(recreated ?? []));
    await this.vitals.stop();
    await follower.stop();
    return summaryOf(this, [...violations, ...this.#troubles]);
  }

  /** A cluster that cannot be brought to where it must come to is a finding, not the end of the run. */
  async #orViolation<T>(what: string, act: () => Promise<T>): Promise<T | undefined> {
    try {
      return await act();
    } catch (error) {
      this.#troubles.push(`${what}: ${String(error)}`);
      return undefined;
    }
  }

  async #create(workflow: DrawnWorkflow): Promise<void> {
    const { definition } = workflow;
    this.workflows.set(definition.id, [workflow]);
    const call: HttpCall = {
      method: 'POST',
      path: '/api/v1/workflows?validate=strict',
      body: definition,
      headers: { 'idempotency-key': `standing-${definition.id}` },
    };
    await until(`${definition.id} is created`, async () => {
      const answer = await callHttp(this.world.url, call);
      if (answer.status === 201) return true;
      if (isUndecided(answer)) return undefined; // partitions may still be on their way
      throw new Error(`a drawn workflow is not valid: ${JSON.stringify(answer.body)}\n${JSON.stringify(definition)}`);
    });
  }

  async #call(name: string, random: SeededRandom, standing: readonly DrawnWorkflow[]): Promise<void> {
    const teller = new StoryTeller(random, name, standing);
    const { kafka, ledger } = this;
    const onStarted = (workflowId: string, executionId: string) => this.watcher.watch(workflowId, executionId);
    const isOver = () => this.#callersStop;
    const caller = new Caller({ url: () => this.world.url, kafka, ledger, onStarted }, isOver);
    while (!isOver()) {
      const story = teller.next();
      for (const step of story) {
        if (step.do !== 'create' && step.do !== 'update') continue;
        const { id } = step.workflow.definition;
        this.workflows.set(id, [...(this.workflows.get(id) ?? []), step.workflow]);
      }
      await caller.live(story);
    }
  }
}
