import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { ServerProcess } from './child.js';
import { kafkaJars } from './kafka-jars.js';
import { freePort } from './ports.js';

const run = promisify(execFile);

export interface KafkaServerOptions {
  /** Holds data, settings and log; kept between starts. */
  readonly directory: string;
  /** 0 or absent = any free one. */
  readonly port?: number;
  /** Further lines of `server.properties`, e.g. `{'log.flush.interval.messages': '1'}`. */
  readonly properties?: Readonly<Record<string, string>>;
  readonly heapMb?: number;
  /** Further ways in, each with an address of its own for whoever comes by it: the way of one client can then lead through a proxy. */
  readonly doors?: readonly BrokerDoor[];
  /** Lets the JVM optimise fully, as a broker in production does; without it the broker starts sooner and stays slower. */
  readonly fullJit?: boolean;
}

/** A listener on `port`; the broker tells its clients to come to `advertisedPort`. Both on loopback. */
export interface BrokerDoor {
  readonly port: number;
  readonly advertisedPort: number;
}

/** A real single-node Kafka broker in KRaft mode on loopback, started and ended by this process. */
export class KafkaServer {
  #process: ServerProcess | undefined;

  private constructor(
    private readonly options: KafkaServerOptions,
    private readonly jars: string,
    readonly port: number,
    private readonly controllerPort: number,
  ) {}

  static async start(options: KafkaServerOptions): Promise<KafkaServer> {
    const port = options.port || (await freePort());
    const server = new KafkaServer(options, await kafkaJars(), port, await freePort());
    mkdirSync(options.directory, { recursive: true });
    await server.#format();
    await server.restart();
    return server;
  }

  get brokers(): string {
    return `127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#process?.pid ?? -1;
  }

  get running(): boolean {
    return this.#process?.running ?? false;
  }

  /** The class path for `kafka-consumer-groups` and the like: `java -cp … org.apache.kafka.tools.consumer.group.ConsumerGroupCommand`. */
  get classPath(): string {
    return ['', this.jars].map((d) => (d === '' ? this.options.directory : join(d, '*'))).join(delimiter);
  }

  /** Starts it again after `stop` or `kill`, on the same port with the same data. */
  async restart(): Promise<void> {
    const heap = `-Xmx${this.options.heapMb ?? 512}m`;
    const jit = this.options.fullJit ? [] : ['-XX:TieredStopAtLevel=1'];
    const flags = [heap, ...jit, '-XX:+UseSerialGC', '-cp', this.classPath];
    this.#process = new ServerProcess('Kafka', this.#file('kafka.log'), ['java', ...flags, 'kafka.Kafka', this.#file('server.properties')]);
    await this.#process.listening(this.port, 60_000);
  }

  async stop(): Promise<void> {
    await this.#process?.stop('SIGTERM', 15_000);
  }

  async kill(): Promise<void> {
    await this.#process?.stop('SIGKILL');
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.signal(signal);
  }

  #file(name: string): string {
    return join(this.options.directory, name);
  }

  async #format(): Promise<void> {
    writeFileSync(this.#file('server.properties'), this.#properties());
    if (existsSync(this.#file('data/meta.properties'))) return;
    const args = [
      '-cp',
      this.classPath,
      'kafka.tools.StorageTool',
      'format',
      '--ignore-formatted',
      '-t',
      'bWlsbHJhY2UtbG9jYWwtMQ',
      '-c',
      this.#file('server.properties'),
    ];
    await run('java', ['-XX:TieredStopAtLevel=1', ...args], { maxBuffer: 1 << 24 });
  }

  #properties(): string {
    const given = this.options.doors ?? [];
    const doorNames = given.map((_, index) => `DOOR${index}`);
    const doors = (side: keyof BrokerDoor) => given.map((door, index) => `DOOR${index}://127.0.0.1:${door[side]}`);
    const lines: Record<string, string> = {
      'process.roles': 'broker,controller',
      'node.id': '1',
      'controller.quorum.voters': `1@127.0.0.1:${this.controllerPort}`,
      listeners: [`PLAINTEXT://127.0.0.1:${this.port},CONTROLLER://127.0.0.1:${this.controllerPort}`, ...doors('port')].join(','),
      'advertised.listeners': [`PLAINTEXT://127.0.0.1:${this.port}`, ...doors('advertisedPort')].join(','),
      'listener.security.protocol.map': ['PLAINTEXT', 'CONTROLLER', ...doorNames].map((name) => `${name}:PLAINTEXT`).join(','),
      'controller.listener.names': 'CONTROLLER',
      'log.dirs': this.#file('data'),
      'group.initial.rebalance.delay.ms': '0',
      'offsets.topic.replication.factor': '1',
      'offsets.topic.num.partitions': '4',
      'transaction.state.log.replication.factor': '1',
      'transaction.state.log.min.isr': '1',
      'transaction.state.log.num.partitions': '4',
      'auto.create.topics.enable': 'false',
      'num.io.threads': '2',
      'num.network.threads': '1',
      ...this.options.properties,
    };
    return Object.entries(lines)
      .map(([key, value]) => `${key}=${value}\n`)
      .join('');
  }
}
