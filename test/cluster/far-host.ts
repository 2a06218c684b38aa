import { execFileSync } from 'node:child_process';
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
  readonly #forwarders: ServerProcess[] = [];
  readonly #processes: AppProcess[] = [];

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
    host.#forward('forwarder-near', hostSide, '127.0.0.1'); // the near end of the cable leads to the servers on loopback …
    host.#forward('forwarder-far', '127.0.0.1', hostSide, host.#onIt); // … as what is advertised there is looked for on the far one
    return host;
  }

  /** An engine that reaches Kafka and Postgres, and is reached, over the cable only. */
  async engine(instance: string): Promise<AppProcess> {
    const engine = await AppProcess.start({
      app: 'engine',
      instance,
      environment: { ...this.cluster.environment(), MILLRACE_ENGINE_HOST: farSide },
      logDirectory: join(this.cluster.options.directory, 'logs'),
      prefix: this.#onIt,
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
    await Promise.all(this.#processes.map((engine) => engine.kill()));
    await Promise.all(this.#forwarders.map((forwarder) => forwarder.stop('SIGKILL')));
    ip('link', 'del', 'mr-near'); // both ends: connections that nobody ended would keep the namespace, and it the cable
    ip('netns', 'del', this.name);
  }

  /** What begins a command that is to run on it. */
  get #onIt(): readonly string[] {
    return [iproute, 'netns', 'exec', this.name];
  }

  #inside(...args: string[]): void {
    ip('-n', this.name, ...args);
  }

  /** Leads each server's port at one address to the same port of another; `prefix` begins the command. */
  #forward(name: string, from: string, to: string, prefix: readonly string[] = []): void {
    const ports = [this.cluster.kafka.brokers, new URL(this.cluster.postgres.url).host].map((address) => address.split(':').at(-1));
    const script = join(repositoryRoot(), 'test', 'cluster', 'forwarder.mjs');
    const [program, ...args] = [...prefix, process.execPath, script, from, to, ports.join(',')];
    const log = join(this.cluster.options.directory, 'logs', `${name}.log`);
    this.#forwarders.push(new ServerProcess(name, log, [program ?? process.execPath, ...args]));
  }
}

function ip(...args: string[]): void {
  execFileSync(iproute, args, { stdio: 'pipe' });
}
