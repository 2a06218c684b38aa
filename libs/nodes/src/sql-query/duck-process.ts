import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json } from '#core';
import type { DuckLimits, DuckQuery, DuckReply, DuckRequest, DuckSession } from './duck-protocol.js';
import { SqlTrouble } from './sql-trouble.js';

interface Waiting {
  resolve(reply: DuckReply): void;
  reject(error: SqlTrouble): void;
}

/** The compiled entry beside this module. */
const defaultEntry = new URL('./duck-process-main.js', import.meta.url);

/**
 * A session in a process of its own. Ending a worker thread while a DuckDB call is under way aborts the whole Node process,
 * and a call cannot be ended otherwise: only a process can be stopped at any moment, and takes nobody along when it fails.
 */
export class DuckProcess implements DuckSession {
  /** Where this session may spill; removed when it ends. */
  readonly spillDirectory = join(tmpdir(), `millrace-sql-${randomUUID()}`);
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>;
  private readonly child: ChildProcess;
  private readonly waiting: Waiting[] = [];
  private trouble: SqlTrouble | undefined;

  constructor(heapMb: number, entry: URL = defaultEntry) {
    this.child = fork(entry, [], {
      serialization: 'advanced',
      env: {}, // nothing of the engine's environment, which holds passwords, is needed there
      execArgv: [`--max-old-space-size=${heapMb}`],
      stdio: ['pipe', 'ignore', 'ignore', 'ipc'], // stdin: its end is how the process learns of our death
    });
    this.child.on('message', (reply: DuckReply) => this.waiting.shift()?.resolve(reply));
    this.ended = new Promise((resolve) => {
      const gone = (reason: string): void => {
        this.fail(new SqlTrouble('SQL_PROCESS_ENDED', reason, true));
        void this.removeSpill().then(resolve);
      };
      this.child.once('error', (error) => gone(`the database process could not be used: ${error.message}`));
      this.child.once('exit', (code, signal) => gone(`the database process ended by itself (${signal ?? `exit code ${code}`})`));
    });
  }

  async open(limits: DuckLimits): Promise<void> {
    await this.call({ call: 'open', limits });
  }

  async append(records: readonly Json[]): Promise<void> {
    await this.call({ call: 'append', records });
  }

  async clear(): Promise<void> {
    await this.call({ call: 'clear' });
  }

  async query(query: DuckQuery): Promise<void> {
    await this.call({ call: 'query', query });
  }

  async fetch(): Promise<readonly Json[] | undefined> {
    return (await this.call({ call: 'fetch' })).rows;
  }

  /** Ends the process at once; calls under way and later ones fail with `reason`. */
  kill(reason: SqlTrouble): void {
    this.fail(reason);
    this.child.kill('SIGKILL');
  }

  private async call(request: DuckRequest): Promise<Extract<DuckReply, { ok: true }>> {
    const reply = await new Promise<DuckReply>((resolve, reject) => {
      if (this.trouble !== undefined) {
        reject(this.trouble);
        return;
      }
      this.waiting.push({ resolve, reject });
      this.child.send(request, (error) => {
        if (error !== null)
          this.fail(new SqlTrouble('SQL_PROCESS_ENDED', `the database process cannot be reached: ${error.message}`, true));
      });
    });
    if (reply.ok) return reply;
    throw new SqlTrouble(reply.code, reply.message, reply.retryable);
  }

  private fail(trouble: SqlTrouble): void {
    this.trouble ??= trouble; // the first reason is the true one
    for (const call of this.waiting.splice(0)) call.reject(this.trouble);
  }

  private async removeSpill(): Promise<void> {
    await rm(this.spillDirectory, { recursive: true, force: true }).catch((error: unknown) => {
      process.emitWarning(`${this.spillDirectory} could not be removed: ${String(error)}`);
    });
  }
}
