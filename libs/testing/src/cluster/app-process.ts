import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort, repositoryRoot, ServerProcess } from '../embedded/index.js';

/** Most objects of an append die young; a larger young generation lets them (docs/operations.md). */
const youngGeneration = '--max-semi-space-size=64';

export type AppName = 'engine' | 'gateway' | 'projector';

export interface AppProcessOptions {
  readonly app: AppName;
  readonly instance: string;
  /** Settings on top of the process environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly logDirectory: string;
  /** Goes before the command, for instance to run it in a network namespace; it must replace itself by the command. */
  readonly prefix?: readonly string[];
  /** Where /health is; 0 or absent = any free one. */
  readonly port?: number;
}

/** One of Millrace's own processes, `node dist/apps/X/main.js`, started by this process. */
export class AppProcess {
  private constructor(
    readonly options: AppProcessOptions,
    /** The HTTP port of a gateway, the admin port of the others. */
    readonly port: number,
    private readonly process: ServerProcess,
  ) {}

  static async start(options: AppProcessOptions): Promise<AppProcess> {
    mkdirSync(options.logDirectory, { recursive: true });
    const port = options.port || (await freePort());
    const main = join(repositoryRoot(), 'dist', 'apps', options.app, 'main.js');
    const environment = {
      ...globalThis.process.env,
      NODE_ENV: 'production',
      ...options.environment,
      MILLRACE_INSTANCE_ID: options.instance,
      [options.app === 'gateway' ? 'MILLRACE_HTTP_PORT' : 'MILLRACE_ADMIN_PORT']: String(port),
    };
    const flags = (globalThis.process.env.MILLRACE_TEST_NODE_FLAGS ?? '').split(' ').filter((flag) => flag !== ''); // e.g. --cpu-prof
    const node = [globalThis.process.execPath, '--enable-source-maps', youngGeneration, ...flags, main];
    const [file = globalThis.process.execPath, ...rest] = [...(options.prefix ?? []), ...node];
    const command: [string, ...string[]] = [file, ...rest];
    const server = new ServerProcess(options.instance, join(options.logDirectory, `${options.instance}.log`), command, {
      env: environment,
    });
    return new AppProcess(options, port, server);
  }

  get instance(): string {
    return this.options.instance;
  }

  get pid(): number {
    return this.process.pid;
  }

  get running(): boolean {
    return this.process.running;
  }

  get exited(): Promise<void> {
    return this.process.exited;
  }

  /** How it ended by itself; null while it runs and where a signal ended it. */
  get exitCode(): number | null {
    return this.process.exitCode;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Waits for `/health/ready`; rejects with what it waits for and the end of its log when the time is up or it dies. */
  async ready(timeoutMs = 60_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    let last = 'no answer yet';
    while (this.process.running && Date.now() < deadline) {
      const answer = await this.#health();
      if (answer === 'ready') return;
      last = answer;
      await delay(50);
    }
    throw new Error(`${this.instance} is not ready (${last}); the end of its log:\n${this.process.tail(15)}`);
  }

  signal(signal: NodeJS.Signals): void {
    this.process.signal(signal);
  }

  kill(): Promise<void> {
    return this.process.stop('SIGKILL');
  }

  stop(): Promise<void> {
    return this.process.stop('SIGTERM', 12_000);
  }

  log(lines?: number): string {
    return this.process.tail(lines);
  }

  async #health(): Promise<string> {
    try {
      const response = await fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
      return response.ok ? 'ready' : (await response.text()).slice(0, 400);
    } catch (error) {
      return String(error);
    }
  }
}
