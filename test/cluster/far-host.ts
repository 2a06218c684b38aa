import { execFileSync } from 'node:child_process';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { AppProcess, type LocalCluster } from '#testing/cluster';
import { repositoryRoot, ServerProcess } from '#testing/embedded';

const iproute = 'ip';
const hostSide = '10.231.77.1';
const farSide = '10.231.77.2';

/** Whether this machine lets the test make a network namespace (Linux, root). */
export function canMakeHosts(): boolean {
  try {
    ip('netns', 'add', 'millrace-probe');
    ip('netns', 'del', 'millrace-probe');
    return true;
  } catch {
    return false;
  }
}

/** A host of its own, as far as packets can tell: a network namespace at the end of a virtual cable that can be pulled. */
export class FarHost {
  readonly #forwarders: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #processes: AppProcess[] = [];
  #farForwarder: ServerProcess | undefined;

  private constructor(
    private readonly name: string,
    private readonly cluster: LocalCluster,
  ) {}

  static async start(cluster: LocalCluster): Promise<FarHost> {
    const host = new FarHost(`millrace-${process.pid}`, cluster);
    ip('netns', 'add', host.name);
    ip('link', 'add', 'mr-near', 'type', 'veth', 'peer', 'name', 'mr-far', 'netns', host.name);
    ip('addr', 'add', `${hostSide}/30`, 'dev', 'mr-near');
    ip('link', 'set', 'mr-near', 'up');
    host.#inside('addr', 'add', `${farSide}/30`, 'dev', 'mr-far');
    host.#inside('link', 'set', 'mr-far', 'up');
    host.#inside('link', 'set', 'lo', 'up');
    for (const port of host.#serverPorts()) await host.#forward(port);
    host.#startFarForwarder();
    return host;
  }

  /** An engine that reaches Kafka and Postgres, and is reached, over the cable only. */
  async engine(instance: string): Promise<AppProcess> {
    const engine = await AppProcess.start({
      app: 'engine',
      instance,
      environment: { ...this.cluster.environment(), MILLRACE_ENGINE_HOST: farSide },
      logDirectory: join(this.cluster.options.directory, 'logs'),
      prefix: [iproute, 'netns', 'exec', this.name],
    });
    this.#processes.push(engine);
    this.cluster.engines.push(engine);
    return engine;
  }

  /** From now on packets vanish, both ways: no end of a connection, no refusal. */
  pullTheCable(): void {
    this.#inside('link', 'set', 'mr-far', 'down');
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#processes.map((engine) => engine.kill()), this.#farForwarder?.stop('SIGKILL')]);
    for (const forwarder of this.#forwarders) forwarder.close();
    for (const socket of this.#sockets) socket.destroy();
    ip('link', 'del', 'mr-near'); // both ends: connections that nobody ended would keep the namespace, and it the cable
    ip('netns', 'del', this.name);
  }

  #serverPorts(): number[] {
    return [this.cluster.kafka.brokers, new URL(this.cluster.postgres.url).host].map((address) => Number(address.split(':').at(-1)));
  }

  #inside(...args: string[]): void {
    ip('-n', this.name, ...args);
  }

  /** What is advertised as on loopback is found on the far loopback, and goes over the cable. */
  #startFarForwarder(): void {
    const script = join(repositoryRoot(), 'test', 'cluster', 'forwarder.mjs');
    const command: [string, ...string[]] = [
      'ip',
      'netns',
      'exec',
      this.name,
      process.execPath,
      script,
      hostSide,
      this.#serverPorts().join(','),
    ];
    this.#farForwarder = new ServerProcess('forwarder', join(this.cluster.options.directory, 'logs', 'forwarder.log'), command);
  }

  /** The near end of the cable leads to the servers on loopback. */
  async #forward(port: number): Promise<void> {
    const server = createServer((near) => this.#join(near, connect(port, '127.0.0.1')));
    await new Promise<void>((resolve) => server.listen(port, hostSide, resolve));
    this.#forwarders.push(server);
  }

  #join(near: Socket, far: Socket): void {
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.setNoDelay(true);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}

function ip(...args: string[]): void {
  execFileSync(iproute, args, { stdio: 'pipe' });
}
