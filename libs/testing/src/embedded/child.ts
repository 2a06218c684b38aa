import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const alive = new Set<ChildProcess>();

/** Whatever ends this process: nothing that it started stays behind. */
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/** A server process that this process started, with its output in a file. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;

  constructor(
    readonly name: string,
    readonly logFile: string,
    command: readonly [string, ...string[]],
    options: SpawnOptions = {},
  ) {
    const [file, ...args] = command;
    // A process group of its own: Ctrl-C reaches only the parent, which ends its children in order.
    this.#child = spawn(file, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    alive.add(this.#child);
    const log = createWriteStream(logFile, { flags: 'a' });
    this.#child.stdout?.pipe(log, { end: false });
    this.#child.stderr?.pipe(log, { end: false });
    this.#exited = new Promise<void>((resolve) => {
      this.#child.once('error', () => resolve());
      this.#child.once('exit', () => resolve());
    }).then(() => {
      alive.delete(this.#child);
      log.end();
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get running(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get exited(): Promise<void> {
    return this.#exited;
  }

  /** How it ended by itself; null while it runs and where a signal ended it. */
  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  signal(signal: NodeJS.Signals): void {
    if (this.running) this.#child.kill(signal);
  }

  /** Asks with `signal`; kills after `graceMs`. Resolves when the process is gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', graceMs = 10_000): Promise<void> {
    this.signal(signal);
    const timer = setTimeout(() => this.signal('SIGKILL'), graceMs);
    await this.#exited;
    clearTimeout(timer);
  }

  /** Waits until something accepts connections on the port; rejects with the end of the log when the process dies or time is up. */
  async listening(port: number, timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (this.running && Date.now() < deadline) {
      if (await accepts(port)) return;
      await delay(25);
    }
    throw new Error(`${this.name} does not listen on port ${port}; the end of ${this.logFile}:\n${this.tail()}`);
  }

  tail(lines = 20): string {
    try {
      return readFileSync(this.logFile, 'utf8').split('\n').slice(-lines).join('\n');
    } catch (error) {
      return `(no log: ${String(error)})`;
    }
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false; // nobody listens yet: the caller asks again until its deadline
  } finally {
    socket.destroy();
  }
}
