import { realpath } from 'node:fs/promises';
import type { Json } from '#core';
import { numberSetting, textSetting } from '../api/config-values.js';
import { NodeFailure } from '../api/failures.js';
import type { NodeContext } from '../api/node-context.js';
import type { Batch } from '../api/operators.js';
import type { DuckSession } from './duck-protocol.js';
import { bindSql, type Placeholder, parseSql } from './sql-parameters.js';
import { declaredParameters, queryTimeoutMs } from './sql-query-settings.js';
import { SqlTrouble, sqlTrouble } from './sql-trouble.js';

/** A session that can be ended at any moment, and where it may spill. */
export interface HostedSession extends DuckSession {
  readonly spillDirectory: string;
  readonly ended: Promise<void>;
  kill(reason: SqlTrouble): void;
}

/** Starts a session whose own heap may grow to so many MiB. */
export type StartSession = (heapMb: number) => HostedSession;

const threads = 2;
const spillMb = 4_096;

/** The SQL of one node's attempt: a database of its own, opened when it is first needed. */
export class SqlQueryRun {
  private session: Promise<HostedSession> | undefined;

  constructor(
    private readonly context: NodeContext,
    private readonly start: StartSession,
  ) {}

  append(records: Batch): Promise<void> {
    return this.using((session) => session.append(records));
  }

  clear(): Promise<void> {
    return this.using((session) => session.clear());
  }

  /** The rows of the query over what was appended, in batches. */
  async *rows(): AsyncGenerator<Batch> {
    const { config } = this.context;
    const size = config.batchSize === undefined ? this.context.limits.batchRecords : numberSetting(config, 'batchSize');
    const stopTimer = await this.startTimer();
    try {
      const filesRoot = await realpath(this.context.filesRoot);
      const query = bindSql(parseSql(textSetting(config, 'sql'), filesRoot), (placeholder) => this.valueAt(placeholder));
      await this.using((session) => session.query(query));
      for (let rows = await this.fetch(); rows !== undefined; rows = await this.fetch()) yield* slices(rows, size);
    } finally {
      stopTimer();
    }
  }

  /** Ends the session; resolves when nothing of it is left. */
  async close(): Promise<void> {
    const session = await this.session?.catch(() => undefined); // a session that never opened has ended itself
    session?.kill(new SqlTrouble('SQL_CLOSED', 'the query is over', true));
    await session?.ended;
  }

  private fetch(): Promise<readonly Json[] | undefined> {
    return this.using((session) => session.fetch());
  }

  private async using<Result>(work: (session: HostedSession) => Promise<Result>): Promise<Result> {
    try {
      this.session ??= this.open();
      return await work(await this.session);
    } catch (error) {
      const { code, message, retryable } = sqlTrouble(error);
      throw new NodeFailure(code, message, { retryable });
    }
  }

  private async open(): Promise<HostedSession> {
    const { memoryMb } = this.context.limits;
    const filesRoot = await realpath(this.context.filesRoot);
    const session = this.start(memoryMb);
    const abort = (): void => session.kill(new SqlTrouble('ABORTED', 'the attempt was stopped', true));
    if (this.context.signal.aborted) abort();
    this.context.signal.addEventListener('abort', abort, { once: true });
    await session.open({ filesRoot, memoryMb, spillDirectory: session.spillDirectory, spillMb, threads });
    return session;
  }

  private async startTimer(): Promise<() => void> {
    const timeoutMs = queryTimeoutMs(this.context.config);
    if (timeoutMs === undefined) return () => undefined;
    this.session ??= this.open();
    const session = await this.using(async (opened) => opened);
    const trouble = new SqlTrouble('SQL_TIMEOUT', `the query took longer than its time-out of ${timeoutMs} ms`, true);
    const timer = setTimeout(() => session.kill(trouble), timeoutMs);
    return () => clearTimeout(timer);
  }

  private valueAt({ text }: Placeholder): Json {
    const declared = declaredParameters(this.context.config)[text];
    if (declared !== undefined) return declared;
    const result = this.context.compile(text).evaluateRecord(null, this.context.scope);
    if (result.ok) return result.value;
    throw new NodeFailure('EXPRESSION_FAILED', `{{${text}}}: ${result.message}`, { retryable: false });
  }
}

function* slices(rows: Batch, size: number): Generator<Batch> {
  for (let start = 0; start < rows.length; start += size) yield rows.length <= size ? rows : rows.slice(start, start + size);
}
