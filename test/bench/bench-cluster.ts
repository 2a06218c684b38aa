import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalCluster } from '#testing/cluster';
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
  readonly client: BenchClient;

  private constructor(
    readonly cluster: LocalCluster,
    private readonly directory: string,
  ) {
    this.client = new BenchClient(cluster.url);
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

  /** A closed loop with CPU and memory of every process, the client's apart. */
  async metered(count: number, inFlight: number, operation: (index: number) => Promise<Timing>) {
    const quiet = await waitForQuiet();
    const meter = new ProcMeter(this.processes()).start();
    const loop = await closedLoop(count, inFlight, operation);
    const usage = meter.stop();
    return {
      ...loop,
      cpuPer1000: round((usage.serverCpu / count) * 1_000),
      clientCpuPer1000: round((usage.clientCpu / count) * 1_000),
      ...usage,
      quiet,
    };
  }
}
