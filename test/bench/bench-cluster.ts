import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AppProcess, LocalCluster } from '#testing/cluster';
import { repositoryRoot } from '#testing/embedded';
import { BenchClient } from './client.js';
import { closedLoop, type Timing } from './closed-loop.js';
import { ProcMeter, round, waitForQuiet } from './proc-meter.js';

export interface BenchClusterOptions {
  readonly engines?: number;
  readonly kafkaProperties?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A fresh Millrace for one workload, with everything on: snapshots, read model, validation, metrics. */
export class BenchCluster {
  #replaced = 0;

  private constructor(
    readonly cluster: LocalCluster,
    private readonly directory: string,
  ) {}

  /** Asks the gateway of now: a restarted one listens elsewhere. */
  get client(): BenchClient {
    return new BenchClient(this.cluster.url);
  }

  static async start(options: BenchClusterOptions = {}): Promise<BenchCluster> {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
    chmodSync(directory, 0o755);
    const cluster = await LocalCluster.start({
      directory,
      engines: options.engines ?? 1,
      kafka: { properties: options.kafkaProperties ?? {}, fullJit: true },
      environment: { MILLRACE_LOG_LEVEL: 'warn', MILLRACE_NODES_DIR: join(repositoryRoot(), 'test/bench/nodes'), ...options.environment },
    });
    return new BenchCluster(cluster, directory);
  }

  async stop(): Promise<void> {
    await this.cluster.stop();
    if (process.env.MILLRACE_BENCH_KEEP === undefined) rmSync(this.directory, { recursive: true, force: true });
  }

  /** Creates the workflow; its first version is fresh, because the cluster is. */
  async create(definition: { readonly id: string }): Promise<string> {
    const created = await this.client.post('/api/v1/workflows', definition);
    const problems = created.problems;
    if (Array.isArray(problems) && problems.length > 0)
      throw new Error(`the workload's definition has problems: ${JSON.stringify(problems)}`);
    return definition.id;
  }

  processes(): Record<string, number[]> {
    const { engines, gateways, projector, kafka, postgres } = this.cluster;
    return {
      engine: engines.filter((engine) => engine.running).map((engine) => engine.pid),
      gateway: gateways.map((gateway) => gateway.pid),
      projector: projector ? [projector.pid] : [],
      kafka: [kafka.pid],
      postgres: [postgres.pid],
    };
  }

  /**
   * kill -9 of every engine, gateway and projector, of the broker too. Postgres gets its immediate shutdown, a crash to its data;
   * kill -9 of its first process would only leave the others behind.
   */
  async killAll(): Promise<void> {
    const { engines, gateways, projector, kafka, postgres } = this.cluster;
    const apps = [...engines.splice(0), ...gateways.splice(0), ...(projector ? [projector] : [])];
    await Promise.all([...apps.map((app) => app.kill()), kafka.kill(), postgres.kill()]);
  }

  /** Starts all of it again at once, under the same names and on the data that is there, with one engine; resolves when every process is there, ready or not. */
  async startAgain(): Promise<{ engine: AppProcess; serversUp: Promise<unknown> }> {
    const { cluster } = this;
    const serversUp = Promise.all([cluster.kafka.restart(), cluster.postgres.restart()]);
    const [engine] = await Promise.all([cluster.addEngine(), cluster.addGateway(), cluster.addProjector()]);
    return { engine, serversUp };
  }

  /** kill -9 of the only engine, and another in its place; resolves when that one has been started, ready or not. */
  async replaceEngine(): Promise<AppProcess> {
    this.#replaced += 1;
    await Promise.all(this.cluster.engines.splice(0).map((engine) => engine.kill()));
    return this.cluster.addEngine(`engine-replaced-${this.#replaced}`);
  }

  /** A closed loop with CPU and memory of every process, the client's apart. */
  async metered(count: number, inFlight: number, operation: (index: number) => Promise<Timing>) {
    const quiet = await waitForQuiet();
    const { result, usage } = await this.measured(() => closedLoop(count, inFlight, operation));
    return {
      ...result,
      cpuPer1000: round((usage.serverCpu / count) * 1_000),
      clientCpuPer1000: round((usage.clientCpu / count) * 1_000),
      ...usage,
      quiet,
    };
  }

  /** CPU and memory of every process while `work` runs. */
  async measured<T>(work: () => Promise<T>) {
    const meter = new ProcMeter(this.processes()).start();
    try {
      const result = await work();
      return { result, usage: meter.stop() };
    } catch (error) {
      meter.stop();
      throw error;
    }
  }
}
