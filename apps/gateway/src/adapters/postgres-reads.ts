import { ExecutionLogStore, migrate, PostgresPool, type PostgresSettings, type Query, type QueryRunner, readLimits } from '#postgres';
import { PostgresReadModel, type ReadModel, type ReadModelOptions } from '#projection';
import { TransientError } from '#runtime';
import type { ExecutionLogLine, ExecutionLogs } from '../ports/execution-logs.js';

/** The read side in Postgres. Until the schema stands every read rejects with TransientError, so that the API answers 503 and not 500. */
export class PostgresReads implements ExecutionLogs, QueryRunner {
  readonly readModel: ReadModel;
  readonly #pool: PostgresPool;
  readonly #logs: ExecutionLogStore;
  #isOpen = false;

  constructor(
    private readonly settings: PostgresSettings,
    options: ReadModelOptions,
  ) {
    this.#pool = new PostgresPool(settings, readLimits);
    this.#logs = new ExecutionLogStore(this.#pool);
    this.readModel = new PostgresReadModel(this, options);
  }

  /** Brings the schema up to date and opens the reads. Rejects with TransientError while Postgres is away. */
  async open(): Promise<void> {
    await migrate(this.settings);
    this.#isOpen = true;
  }

  async rows<Row>(query: Query, doing: string): Promise<readonly Row[]> {
    this.#refuseWhileClosed();
    return this.#pool.rows<Row>(query, doing);
  }

  async linesOf(workflowId: string, executionId: string, limit: number): Promise<readonly ExecutionLogLine[]> {
    this.#refuseWhileClosed();
    return this.#logs.read(workflowId, executionId, 0, limit);
  }

  async close(): Promise<void> {
    await this.#logs.close();
    await this.#pool.close();
  }

  #refuseWhileClosed(): void {
    if (!this.#isOpen) throw new TransientError('Postgres has not answered since this gateway started');
  }
}
