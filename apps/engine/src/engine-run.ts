import type { Registry } from 'prom-client';
import type { Settings } from '#config';
import { type EngineMetrics, engineMetrics, type Logger, type Readiness, waitFor } from '#observability';
import type { EngineStatus, OwnerAnswer, OwnerQueryRequest } from '#protocol';
import { connectToKafka, type EngineKafka } from './connect-to-kafka.js';
import { type DataPlane, openDataPlane } from './data-plane.js';
import type { Engine } from './engine.js';
import { EngineMetricsSampler } from './engine-metrics-sampler.js';
import { ProcessMeter } from './engine-status.js';
import { MetricsObserver } from './metrics-observer.js';
import { PartitionSupervisor } from './partition-supervisor.js';
import { createRuntimeFactory } from './runtime-factory.js';
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
  #running: Promise<void> | undefined;
  #address = '';
  #stores: Stores | undefined;
  #kafka: EngineKafka | undefined;
  #dataPlane: DataPlane | undefined;
  #supervisor: PartitionSupervisor | undefined;
  #sampler: EngineMetricsSampler | undefined;
  #revive: NodeJS.Timeout | undefined;

  constructor(private readonly parts: EngineRunParts) {
    this.#metrics = engineMetrics(parts.registry);
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
    await this.#supervisor?.handOff();
    await this.#kafka?.leave();
    await this.#dataPlane?.close();
    await this.#kafka?.close();
    await this.#stores?.close();
    this.#meter.stop();
  }

  query(request: OwnerQueryRequest): Promise<OwnerAnswer> {
    return this.#supervisor?.query(request) ?? Promise.resolve({ status: 'notOwner' });
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
    this.#dataPlane = await openDataPlane(settings, this.#metrics);
    const [stores, kafka] = await Promise.all([
      waitFor({ name: 'postgres', attempt: () => openStores(settings) }, waiting).then((open) => (this.#stores = open)),
      waitFor({ name: 'kafka', attempt: () => connectToKafka(settings, logger) }, waiting).then((open) => (this.#kafka = open)),
    ]);
    this.#own(stores, kafka, this.#dataPlane);
  }

  #own(stores: Stores, kafka: EngineKafka, dataPlane: DataPlane): void {
    const { settings, logger, readiness } = this.parts;
    const observer = new MetricsObserver(this.#metrics, logger, stores.executionLog);
    const supervisor = new PartitionSupervisor(
      createRuntimeFactory({ settings, address: this.#address, stores, kafka, dataPlane, observer }),
    );
    this.#supervisor = supervisor;
    this.#sampler = new EngineMetricsSampler(this.#metrics, () => supervisor.statuses());
    this.#sampler.start();
    kafka.join({
      address: this.#address,
      positions: () => supervisor.positions(),
      assigned: (change) => {
        this.#metrics.rebalances.inc({ reason: 'assignment' });
        logger.info({ event: 'shard.rebalance', ...change }, `assignment: ${change.gained.length} gained, ${change.lost.length} lost`);
        supervisor.assignmentChanged(change);
        readiness.set('partitions');
      },
    });
    this.#revive = setInterval(() => supervisor.reviveStopped(kafka.owned()), reviveEveryMs);
  }
}
