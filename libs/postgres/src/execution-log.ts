import type { EpochMs } from '#core';
import { BestEffortQueue } from './best-effort-queue.js';
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
  readonly #queue: BestEffortQueue<ExecutionLogLine>;
  #dropped = 0;

  constructor(
    private readonly pool: PostgresPool,
    { maxQueued = 20_000, flushIntervalMs = 200, onLost = () => undefined }: ExecutionLogOptions = {},
  ) {
    this.#queue = new BestEffortQueue({
      maxQueued,
      perWrite: linesPerStatement,
      gatherMs: flushIntervalMs,
      retryMs: flushIntervalMs,
      closeWithinMs: closeBoundMs,
      write: (lines) => this.#insert(lines),
      lost: onLost,
      drained: () => {
        if (this.#dropped > 0) onLost(this.#dropped, `more than ${maxQueued} lines waited`);
        this.#dropped = 0;
      },
    });
  }

  /** Never waits and never throws. Texts are cut at 16 KiB. */
  write(line: ExecutionLogLine): void {
    const kept = line.text.length > maxTextLength ? { ...line, text: `${line.text.slice(0, maxTextLength)}…` } : line;
    if (!this.#queue.add(kept)) this.#dropped += 1;
  }

  /** Lines of one execution in order of writing, those with `id > afterId`, at most `limit`. */
  async read(workflowId: string, executionId: string, afterId: number, limit: number): Promise<readonly StoredLogLine[]> {
    const text = `select id, node_id as "nodeId", at, text from execution_logs
      where workflow_id = $1 and execution_id = $2 and id > $3 order by id limit $4`;
    const query = { name: 'execution-logs', text, values: [workflowId, executionId, afterId, limit] };
    return this.pool.rows<StoredLogLine>(query, `reading the logs of ${workflowId}/${executionId}`);
  }

  /** Writes what waits; resolves when everything queued so far is written, or the database cannot be asked. */
  flush(): Promise<void> {
    return this.#queue.flush();
  }

  /** Writes what waits, at most 3 s, and stops. The pool stays open. */
  close(): Promise<void> {
    return this.#queue.close();
  }

  async #insert(lines: readonly ExecutionLogLine[]): Promise<void> {
    const text = `insert into execution_logs (workflow_id, execution_id, node_id, at, text)
      select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[])`;
    const values = [
      textArray(lines.map((line) => line.workflowId)),
      textArray(lines.map((line) => line.executionId)),
      textArray(lines.map((line) => line.nodeId)),
      bigintArray(lines.map((line) => line.at)),
      textArray(lines.map((line) => line.text)),
    ];
    await this.pool.rows({ name: 'insert-logs', text, values }, `writing ${lines.length} log lines`);
  }
}
