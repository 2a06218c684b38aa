import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalCluster } from '#testing/cluster';
import { type BrokerDoor, repositoryRoot } from '#testing/embedded';
import { Client } from './client.js';
import { LogChecker } from './log-checker.js';
import { logLines } from './log-lines.js';
import { readTopic } from './log-reader.js';

/** A fresh cluster of real processes for one spec file, with nodes whose effects can be counted from outside. */
export class Scenario {
  readonly client = new Client(() => this.cluster.url);

  private constructor(
    readonly cluster: LocalCluster,
    readonly directory: string,
  ) {}

  static async start(options: {
    engines: number;
    gateways?: number;
    partitions?: number;
    environment?: Record<string, string>;
    /** Listeners of the broker besides its own. */
    doors?: readonly BrokerDoor[];
  }): Promise<Scenario> {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-cluster-'));
    chmodSync(directory, 0o755);
    mkdirSync(join(directory, 'effects'));
    const cluster = await LocalCluster.start({
      directory,
      engines: options.engines,
      gateways: options.gateways ?? 1,
      kafka: { doors: options.doors ?? [] },
      environment: {
        MILLRACE_PARTITIONS: String(options.partitions ?? 8),
        MILLRACE_LOG_LEVEL: 'info',
        MILLRACE_NODES_DIR: join(repositoryRoot(), 'test/cluster/nodes'),
        MILLRACE_TEST_EFFECTS: join(directory, 'effects'),
        MILLRACE_PASSIVATE_AFTER_MS: '2000',
        ...options.environment,
      },
    });
    return new Scenario(cluster, directory);
  }

  async create(definition: { id: string; nodes: unknown[]; edges: unknown[] }): Promise<string> {
    const response = await this.post('/api/v1/workflows', definition);
    const body = (await response.json()) as { problems?: unknown[] };
    if (response.status !== 201 || (body.problems ?? []).length > 0)
      throw new Error(`create answered ${response.status}: ${JSON.stringify(body)}`);
    return definition.id;
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.cluster.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
  }

  get(path: string): Promise<Response> {
    return fetch(`${this.cluster.url}${path}`, { signal: AbortSignal.timeout(90_000) });
  }

  /** Reads the event log by itself, with a plain consumer. */
  async readLog(): Promise<LogChecker> {
    return new LogChecker(await readTopic(this.cluster.kafka.brokers, 'workflow.events'));
  }

  /** What an instance has logged, as objects. */
  logged(instance: string): Record<string, unknown>[] {
    return logLines(this.directory, instance);
  }

  /** Where the owner of a workflow is, as the cluster's API says. */
  async location(workflowId: string): Promise<{ partition: number; instance: string | undefined }> {
    const { body } = await this.client.get(`/api/v1/cluster/workflow/${workflowId}/location`);
    return { partition: Number(body.shardId), instance: typeof body.instance === 'string' ? body.instance : undefined };
  }

  /** Effects as the nodes left them: `done <execution> <step> <attempt>`. */
  effects(kind: 'start' | 'done'): string[] {
    const directory = join(this.directory, 'effects');
    return readdirSync(directory)
      .flatMap((file) => readFileSync(join(directory, file), 'utf8').split('\n'))
      .filter((line) => line.startsWith(`${kind} `));
  }

  async stop(): Promise<void> {
    await this.cluster.stop();
    if (process.env.MILLRACE_TEST_KEEP === undefined) rmSync(this.directory, { recursive: true, force: true });
  }
}

/** `length` counted effects one after another. */
export function effectPipeline(id: string, length: number, ms = 20) {
  const nodes = Array.from({ length }, (_, step) => ({ id: `s${step}`, nodeType: 'test.effect', config: { step, ms } }));
  return { id, nodes, edges: nodes.slice(1).map((node, i) => ({ source: `s${i}`, target: node.id })) };
}
