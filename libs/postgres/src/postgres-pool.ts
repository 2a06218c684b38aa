import pg from 'pg';
import { postgresError } from './errors.js';

/** Where the database is, and which schema of it is ours. */
export interface PostgresSettings {
  readonly url: string;
  /** Every table lives in it; created by the migrations. Default `millrace`; lower-case letters, digits and `_`. */
  readonly schema?: string;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
}

/** Bounds of one pool; milliseconds. */
export interface PoolLimits {
  readonly connections: number;
  /** So many stay open when nothing needs them: whoever takes partitions over must not wait for new ones. Default: none. */
  readonly keptOpen?: number;
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  /** `off` where a lost tail is written again anyway (the read model): commits do not wait for the disk. */
  readonly synchronousCommit?: 'on' | 'off';
}

/** A statement with its parameters. `name` lets the server keep its plan. Buffers travel as they are (see `textArray`). */
export interface Query {
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
}

/** What may run statements: a pool, or one transaction of it. */
export interface QueryRunner {
  /** Rejects with TransientError or FatalError; `doing` names what is being tried, for the message. */
  rows<Row>(query: Query, doing: string): Promise<readonly Row[]>;
}

/** L10: a stale statement must end soon, whatever holds it. */
export const snapshotLimits: PoolLimits = { connections: 4, keptOpen: 4, statementTimeoutMs: 2_000, lockTimeoutMs: 2_000 };
export const projectionLimits: PoolLimits = {
  connections: 2,
  statementTimeoutMs: 10_000,
  lockTimeoutMs: 2_000,
  synchronousCommit: 'off',
};
export const readLimits: PoolLimits = { connections: 8, statementTimeoutMs: 5_000, lockTimeoutMs: 2_000 };
export const executionLogLimits: PoolLimits = { connections: 1, statementTimeoutMs: 5_000, lockTimeoutMs: 2_000, synchronousCommit: 'off' };

const connectTimeoutMs = 2_000;
/** The server ends a statement by itself; this is for a server that does not answer at all. */
const answerGraceMs = 1_000;
const bigint = 20;

/** Connections to one schema with bounded waits. Opens none before the first statement; a broken one is dropped and replaced. */
export class PostgresPool implements QueryRunner {
  readonly #pool: pg.Pool;
  readonly #limits: PoolLimits;
  #closed: Promise<void> | undefined;

  constructor(settings: PostgresSettings, limits: PoolLimits) {
    this.#limits = limits;
    this.#pool = new pg.Pool({
      connectionString: settings.url,
      application_name: settings.applicationName,
      max: limits.connections,
      min: limits.keptOpen ?? 0,
      options: sessionOptions(settings, limits),
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: limits.statementTimeoutMs + answerGraceMs,
      keepAlive: true,
      types: { getTypeParser: typeParser },
    });
    // An idle connection that dies is replaced at the next statement, which reports what is wrong if it fails as well.
    this.#pool.on('error', () => undefined);
  }

  async rows<Row>(query: Query, doing: string): Promise<readonly Row[]> {
    try {
      return (await this.#pool.query(driverQuery(query))).rows as Row[];
    } catch (error) {
      throw postgresError(error, doing);
    }
  }

  /** Commits when `work` resolves, rolls back when it rejects. `statementTimeoutMs` replaces the pool's bound for this one. */
  async transaction<T>(doing: string, work: (transaction: QueryRunner) => Promise<T>, statementTimeoutMs?: number): Promise<T> {
    const client = await this.#connect(doing);
    const runner = new ClientRunner(client, (statementTimeoutMs ?? this.#limits.statementTimeoutMs) + answerGraceMs);
    let broken = true;
    // While it is lent, the pool does not listen: a connection that dies now would end the process. Its statement rejects, and says why.
    const listener = (): void => undefined;
    client.on('error', listener);
    try {
      const bound = statementTimeoutMs === undefined ? '' : `; set local statement_timeout = ${Math.floor(statementTimeoutMs)}`;
      await runner.rows({ text: `begin${bound}` }, doing);
      const result = await work(runner);
      await runner.rows({ text: 'commit' }, doing);
      broken = false;
      return result;
    } finally {
      client.off('error', listener);
      client.release(broken); // a connection whose transaction did not end well is closed, which rolls it back
    }
  }

  /** Resolves when the database answers within its bounds. */
  async ping(): Promise<void> {
    await this.rows({ text: 'select 1' }, 'asking whether it is there');
  }

  /** Waits for what is running and ends every connection; a second call waits for the first. */
  close(): Promise<void> {
    this.#closed ??= this.#pool.end();
    return this.#closed;
  }

  async #connect(doing: string): Promise<pg.PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (error) {
      throw postgresError(error, doing);
    }
  }
}

class ClientRunner implements QueryRunner {
  constructor(
    private readonly client: pg.PoolClient,
    private readonly timeoutMs: number,
  ) {}

  async rows<Row>(query: Query, doing: string): Promise<readonly Row[]> {
    try {
      return (await this.client.query({ ...driverQuery(query), query_timeout: this.timeoutMs } as pg.QueryConfig)).rows as Row[];
    } catch (error) {
      throw postgresError(error, doing);
    }
  }
}

function driverQuery(query: Query): pg.QueryConfig {
  // Without parameters the simple protocol is used, which takes several statements at once.
  if (query.values === undefined) return { text: query.text };
  return { text: query.text, ...(query.name === undefined ? {} : { name: query.name }), values: [...query.values] };
}

/** `-c` options of a session. The schema is the only one on the search path, so statements name tables without it. */
export function sessionOptions(settings: PostgresSettings, limits: PoolLimits): string {
  return [
    `-c search_path=${schemaName(settings)}`,
    `-c statement_timeout=${limits.statementTimeoutMs}`,
    `-c lock_timeout=${limits.lockTimeoutMs}`,
    `-c idle_in_transaction_session_timeout=30000`,
    ...(limits.synchronousCommit === 'off' ? ['-c synchronous_commit=off'] : []),
  ].join(' ');
}

/** The schema, checked: it is written into SQL. Throws RangeError for another spelling. */
export function schemaName(settings: Pick<PostgresSettings, 'schema'>): string {
  const name = settings.schema ?? 'millrace';
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(name)) throw new RangeError(`schema name ${JSON.stringify(name)}: use a-z, 0-9 and _`);
  return name;
}

/** bigint as number: offsets, sequence numbers and epoch milliseconds are far below 2^53. */
function typeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (oid === bigint && format !== 'binary') return Number;
  return pg.types.getTypeParser(oid, 'text');
}
