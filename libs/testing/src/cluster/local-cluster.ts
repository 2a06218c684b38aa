import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { KafkaServer, type KafkaServerOptions, PostgresServer, type PostgresServerOptions } from '../embedded/index.js';
import { type AppName, AppProcess } from './app-process.js';

export interface LocalClusterOptions {
  /** Holds data, logs and files. */
  readonly directory: string;
  readonly engines: number;
  readonly gateways?: number;
  readonly projector?: boolean;
  readonly kafka?: Omit<KafkaServerOptions, 'directory'>;
  readonly postgres?: Omit<PostgresServerOptions, 'directory'>;
  readonly httpPort?: number;
  /** Settings of all apps on top of the defaults of a local run. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Told what is being started, for progress. */
  readonly onStep?: (step: string) => void;
}

/** A whole Millrace on loopback: real broker, real database, real processes. */
export class LocalCluster {
  readonly engines: AppProcess[] = [];
  readonly gateways: AppProcess[] = [];
  projector: AppProcess | undefined;

  private constructor(
    readonly options: LocalClusterOptions,
    readonly kafka: KafkaServer,
    readonly postgres: PostgresServer,
  ) {}

  /** Starts the servers, then all apps at once (their start order is free), and waits until every one is ready. Whatever had started is stopped when something fails. */
  static async start(options: LocalClusterOptions): Promise<LocalCluster> {
    const step = options.onStep ?? (() => undefined);
    step('starting Kafka and Postgres');
    const servers = await startServers(options);
    const cluster = new LocalCluster(options, ...servers);
    try {
      step(`starting ${options.engines} engine(s), projector and gateway`);
      await cluster.#startApps();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  get url(): string {
    const gateway = this.gateways[0];
    if (!gateway) throw new Error('this cluster has no gateway');
    return gateway.url;
  }

  get filesRoot(): string {
    return join(this.options.directory, 'files');
  }

  /** The environment that an app of this cluster gets. */
  environment(): Record<string, string> {
    return {
      MILLRACE_ENV: 'dev',
      MILLRACE_KAFKA_BROKERS: this.kafka.brokers,
      MILLRACE_POSTGRES_URL: this.postgres.url,
      MILLRACE_REPLICATION_FACTOR: '1',
      MILLRACE_FILES_ROOT: this.filesRoot,
      ...this.options.environment,
    };
  }

  /** Starts one more engine and returns at once; `ready()` waits for it. */
  async addEngine(instance = `engine-${this.engines.length + 1}`, environment: Record<string, string> = {}): Promise<AppProcess> {
    const engine = await this.#app('engine', instance, environment);
    this.engines.push(engine);
    return engine;
  }

  async addGateway(instance = `gateway-${this.gateways.length + 1}`, environment: Record<string, string> = {}): Promise<AppProcess> {
    const port = this.gateways.length === 0 ? this.options.httpPort : undefined;
    const gateway = await this.#app('gateway', instance, environment, port);
    this.gateways.push(gateway);
    return gateway;
  }

  async addProjector(instance = 'projector-1', environment: Record<string, string> = {}): Promise<AppProcess> {
    this.projector = await this.#app('projector', instance, environment);
    return this.projector;
  }

  /** Apps first, then the servers they use. */
  async stop(): Promise<void> {
    const apps = [...this.gateways, ...this.engines, ...(this.projector ? [this.projector] : [])];
    await Promise.all(apps.map((app) => app.stop()));
    await Promise.all([this.kafka.stop(), this.postgres.stop()]);
  }

  async #startApps(): Promise<void> {
    const starts: Promise<AppProcess>[] = [];
    for (let i = 1; i <= this.options.engines; i += 1) starts.push(this.addEngine(`engine-${i}`));
    if (this.options.projector ?? true) starts.push(this.addProjector());
    for (let i = 1; i <= (this.options.gateways ?? 1); i += 1) starts.push(this.addGateway(`gateway-${i}`));
    const apps = await Promise.all(starts);
    await Promise.all(apps.map((app) => app.ready()));
  }

  #app(app: AppName, instance: string, environment: Record<string, string>, port?: number): Promise<AppProcess> {
    return AppProcess.start({
      app,
      instance,
      environment: { ...this.environment(), ...environment },
      logDirectory: join(this.options.directory, 'logs'),
      ...(port === undefined ? {} : { port }),
    });
  }
}

async function startServers(options: LocalClusterOptions): Promise<[KafkaServer, PostgresServer]> {
  const directory = (name: string) => {
    const path = join(options.directory, name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  directory('files');
  const [kafka, postgres] = await Promise.allSettled([
    KafkaServer.start({ ...options.kafka, directory: directory('kafka') }),
    PostgresServer.start({ ...options.postgres, directory: directory('postgres') }),
  ]);
  if (kafka.status === 'fulfilled' && postgres.status === 'fulfilled') return [kafka.value, postgres.value];
  if (kafka.status === 'fulfilled') await kafka.value.stop();
  if (postgres.status === 'fulfilled') await postgres.value.stop();
  throw kafka.status === 'rejected' ? kafka.reason : (postgres as PromiseRejectedResult).reason;
}
