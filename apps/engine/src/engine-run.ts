import type { Registry } from 'prom-client';
import type { Settings } from '#config';
import { type EngineMetrics, engineMetrics, type Logger, type Readiness, waitFor } from '#observability';
import type { AcceptAnswer, AcceptRequest, EngineStatus, OwnerAnswer, OwnerQueryRequest } from '#protocol';
import { ClusterWatch } from './cluster-watch.js';
import { connectToKafka, type EngineKafka } from './connect-to-kafka.js';
import { type DataPlane, openDataPlane } from './data-plane.js';
import type { Engine } from './engine.js';
import { EngineMetricsSampler } from './engine-metrics-sampler.js';
import { ProcessMeter } from './engine-status.js';
import { expelFormerSelf } from './former-self.js';
import { HaltAcceptances } from './halt-acceptance.js';
import { EngineLoad } from './load/engine-load.js';
import { MetricsObserver } from './metrics-observer.js';
import { PartitionSupervisor } from './partition-supervisor.js';
import { MemberRecords } from './records/member-records.js';
import { ownerOfEpoch } from './records/previous-owner.js';
import { TakeOvers } from './records/take-overs.js';
import { createRuntimeFactory } from './runtime-factory.js';
import { StandDowns } from './stand-downs.js';
import { openStores, type Stores } from './stores.js';

export interface EngineRunParts {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly readiness: Readiness;
  /** Called once when the process cannot go on: with what is wrong. */
  readonly failed: (error: unknown) => void;
}

const reviveEveryMs = 1_000;

/** One engine process: waits for what it needs, joins the group, and runs the partitions that it is given until it is stopped. */
export class EngineRun implements Engine {
  readonly #stop = new AbortController();
  readonly #meter = new ProcessMeter();
  readonly #metrics: EngineMetrics;
  readonly #load: EngineLoad;
  #running: Promise<void> | undefined;
  #address = '';
  #stores: Stores | undefined;
  #kafka: EngineKafka | undefined;
  #dataPlane: DataPlane | undefined;
  #supervisor: PartitionSupervisor | undefined;
  #acceptances: HaltAcceptances | undefined;
  #watch: ClusterWatch | undefined;
  #sampler: EngineMetricsSampler | undefined;
  #revive: NodeJS.Timeout | undefined;

  constructor(private readonly parts: EngineRunParts) {
    this.#metrics = engineMetrics(parts.registry);
    const leastIntervalMs = parts.settings.MILLRACE_LOAD_REBALANCE;
    this.#load = new EngineLoad({ leastIntervalMs, rejoin: () => this.#kafka?.rejoin(), logger: parts.logger });
    parts.readiness.set('partitions', 'waiting for the group to assign partitions');
  }

  get clusterSecret(): string | undefined {
    return this.parts.settings.MILLRACE_CLUSTER_SECRET;
  }

  /** Begins; never throws. `address` is the engine port as others reach it. Progress shows in readiness and logs. */
  start(address: string): void {
    this.#address = address;
    this.#running ??= this.#run().catch((error: unknown) => {
      if (!this.#stop.signal.aborted) this.parts.failed(error);
    });
  }

  /** Hands its partitions off, leaves the group, and closes everything. */
  async stop(): Promise<void> {
    this.#stop.abort();
    clearInterval(this.#revive);
    await this.#running;
    this.#sampler?.stop();
    this.#load.stop();
    await this.#supervisor?.handOff();
    this.#watch?.leaving();
    await this.#kafka?.leave();
    await this.#watch?.leave();
    await this.#supervisor?.ended();
    await this.#dataPlane?.close();
    await this.#kafka?.close();
    await this.#stores?.close();
    this.#meter.stop();
  }

  query(request: OwnerQueryRequest): Promise<OwnerAnswer> {
    return this.#supervisor?.query(request) ?? Promise.resolve({ status: 'notOwner' });
  }

  accept(request: AcceptRequest): Promise<AcceptAnswer> {
    return this.#acceptances?.accept(request) ?? Promise.resolve({ status: 'notOwner' });
  }

  status(): EngineStatus {
    const partitions = this.#supervisor?.statuses() ?? [];
    return {
      instance: this.parts.settings.MILLRACE_INSTANCE_ID,
      address: this.#address,
      partitions,
      ...this.#meter.read(),
      executionsRunning: partitions.reduce((sum, { runningExecutions }) => sum + runningExecutions, 0),
      stageSlots: this.#dataPlane?.stageSlots() ?? { total: 0, running: 0, waiting: 0 },
    };
  }

  async #run(): Promise<void> {
    const { settings, logger, readiness } = this.parts;
    const waiting = { readiness, logger, signal: this.#stop.signal };
    this.#dataPlane = await openDataPlane(settings, this.#metrics, this.#load, logger);
    const [stores, kafka] = await Promise.all([
      waitFor({ name: 'postgres', attempt: () => openStores(settings, logger) }, waiting).then((open) => (this.#stores = open)),
      waitFor({ name: 'kafka', attempt: () => connectToKafka(settings, logger) }, waiting).then((open) => (this.#kafka = open)),
    ]);
    await this.#own(stores, kafka, this.#dataPlane);
  }

  async #own(stores: Stores, kafka: EngineKafka, dataPlane: DataPlane): Promise<void> {
    const { settings, logger, readiness } = this.parts;
    const records = new MemberRecords(stores.clusterRecords, settings.MILLRACE_INSTANCE_ID);
    const watch = new ClusterWatch({ settings, logger, kafka, records, address: this.#address });
    const takeOvers = new TakeOvers({
      metrics: this.#metrics,
      logger,
      records: stores.clusterRecords,
      surroundings: () => watch.surroundings(),
      ownerOf: (partition, epoch) => ownerOfEpoch(kafka.log, partition, epoch),
      now: () => Date.now(),
    });
    const standDowns = new StandDowns({
      now: () => performance.now(),
      probe: () => this.#supervisor?.probe(),
      decline: () => kafka.rejoin(),
      failed: (error) => this.parts.failed(error),
    });
    const observer = new MetricsObserver(this.#metrics, logger, stores.executionLog, this.#load, takeOvers, standDowns);
    const supervisor = new PartitionSupervisor(
      createRuntimeFactory({ settings, address: this.#address, stores, kafka, dataPlane, observer }),
      standDowns,
    );
    this.#supervisor = supervisor;
    this.#acceptances = new HaltAcceptances(supervisor, settings.MILLRACE_INSTANCE_ID);
    this.#watch = watch;
    await watch.start();
    this.#sampler = new EngineMetricsSampler(
      this.#metrics,
      () => supervisor.statuses(),
      () => watch.counts(),
    );
    this.#sampler.start();
    kafka.enter(this.#address, {
      liveness: () => watch.liveness(),
      directory: (memberId, directory) => watch.assigned(memberId, directory),
      positions: () => supervisor.positions(),
      loads: () => this.#load.report(),
      declined: () => standDowns.declined,
      release: (partitions) => supervisor.release(partitions),
      assigned: (change) => {
        takeOvers.assigned(change);
        supervisor.assignmentChanged(change);
        this.#load.assigned(change);
        readiness.set('partitions');
      },
    });
    await expelFormerSelf(settings, kafka, logger, records);
    if (this.#stop.signal.aborted) return;
    kafka.join();
    this.#load.start();
    this.#revive = setInterval(() => {
      supervisor.reviveStopped(kafka.owned());
      readiness.set('progress', standDowns.trouble);
    }, reviveEveryMs);
  }
}
