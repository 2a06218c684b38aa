import type { EpochMs } from '#core';
import { TransientError } from '#runtime';
import { bigintArray, textArray } from './binary-array.js';
import type { PostgresPool } from './postgres-pool.js';

/** One line that a node wrote. `at` is epoch milliseconds. */
export interface ExecutionLogLine {
  readonly workflowId: string;
  readonly executionId: string;
  readonly nodeId: string;
  readonly at: EpochMs;
  readonly text: string;
}

/** A line as read back; `id` grows with the order of writing and serves as a cursor. */
export interface StoredLogLine {
  readonly id: number;
  readonly nodeId: string;
  readonly at: EpochMs;
  readonly text: string;
}

export interface ExecutionLogOptions {
  /** Lines waiting to be written, at most; further ones are dropped and counted. Default 20,000. */
  readonly maxQueued?: number;
  /** How long a line may wait for others, ms. Default 200. */
  readonly flushIntervalMs?: number;
  /** Told when lines were lost: dropped from a full queue, or refused by the database. */
  readonly onLost?: (count: number, reason: string) => void;
}

const linesPerStatement = 1_000;
const maxTextLength = 16_384;
const closeBoundMs = 3_000;

/** The lines of executions' logs: written in batches, best effort, in order per process; read by execution. */
export class ExecutionLogStore {
  readonly #queue: ExecutionLogLine[] = [];
  readonly #maxQueued: number;
  readonly #intervalMs: number;
  readonly #onLost: (count: number, reason: string) => void;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #dropped = 0;

  constructor(
    private readonly pool: PostgresPool,
    options: ExecutionLogOptions = {},
  ) {
    this.#maxQueued = options.maxQueued ?? 20_000;
    this.#intervalMs = options.flushIntervalMs ?? 200;
    this.#onLost = options.onLost ?? (() => undefined);
  }

  /** Never waits and never throws. Texts are cut at 16 KiB. */
  write(line: ExecutionLogLine): void {
    if (this.#queue.length >= this.#maxQueued) {
      this.#dropped += 1;
      return;
    }
    this.#queue.push(line.text.length > maxTextLength ? { ...line, text: `${line.text.slice(0, maxTextLength)}…` } : line);
    this.#schedule();
  }

  /** Lines of one execution in order of writing, those with `id > afterId`, at most `limit`. */
  async read(workflowId: string, executionId: string, afterId: number, limit: number): Promise<readonly StoredLogLine[]> {
    const text = `select id, node_id as "nodeId", at, text from execution_logs
      where workflow_id = $1 and execution_id = $2 and id > $3 order by id limit $4`;
    const query = { name: 'execution-logs', text, values: [workflowId, executionId, afterId, limit] };
    return this.pool.rows<StoredLogLine>(query, `reading the logs of ${workflowId}/${executionId}`);
  }

  /** Writes what waits; resolves when everything queued so far is written, or the database cannot be asked. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#drain().finally(() => {
      this.#writing = undefined;
      if (this.#queue.length > 0) this.#schedule();
    });
    await this.#writing;
  }

  /** Writes what waits, at most 3 s, and stops. The pool stays open. */
  async close(): Promise<void> {
    let bound: NodeJS.Timeout | undefined;
    const timeUp = new Promise<void>((resolve) => {
      bound = setTimeout(resolve, closeBoundMs);
    });
    await Promise.race([this.flush(), timeUp]);
    clearTimeout(bound);
    clearTimeout(this.#timer);
    if (this.#queue.length > 0) this.#onLost(this.#queue.splice(0).length, 'the database did not take them before the stop');
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#writing !== undefined) return;
    this.#timer = setTimeout(() => void this.flush(), this.#intervalMs);
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const lines = this.#queue.slice(0, linesPerStatement);
      if (!(await this.#insert(lines))) return;
      this.#queue.splice(0, lines.length);
    }
    if (this.#dropped > 0) {
      this.#onLost(this.#dropped, `more than ${this.#maxQueued} lines waited`);
      this.#dropped = 0;
    }
  }

  /** False: not now; the lines stay queued and are tried again after the interval. */
  async #insert(lines: readonly ExecutionLogLine[]): Promise<boolean> {
    const text = `insert into execution_logs (workflow_id, execution_id, node_id, at, text)
      select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[])`;
    const values = [
      textArray(lines.map((line) => line.workflowId)),
      textArray(lines.map((line) => line.executionId)),
      textArray(lines.map((line) => line.nodeId)),
      bigintArray(lines.map((line) => line.at)),
      textArray(lines.map((line) => line.text)),
    ];
    try {
      await this.pool.rows({ name: 'insert-logs', text, values }, `writing ${lines.length} log lines`);
      return true;
    } catch (error) {
      if (error instanceof TransientError) return false;
      this.#onLost(lines.length, String(error));
      return true;
    }
  }
}
