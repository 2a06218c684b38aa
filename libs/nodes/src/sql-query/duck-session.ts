import {
  type DuckDBConnection,
  type DuckDBInstance,
  type DuckDBPreparedStatement,
  type DuckDBResult,
  StatementType,
} from '@duckdb/node-api';
import type { Json } from '#core';
import { openDatabase } from './duck-database.js';
import type { DuckLimits, DuckQuery, DuckSession } from './duck-protocol.js';
import { InputTable } from './input-table.js';
import { toParameter } from './parameter-value.js';
import { converterOf } from './result-values.js';
import { SqlTrouble, sqlTrouble } from './sql-trouble.js';

interface Running {
  readonly result: DuckDBResult;
  readonly names: readonly string[];
}

interface Database {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
  readonly input: InputTable;
}

/** A session in this very process. Only tests and the hosting process use it: see DuckProcess. */
export class LocalDuckSession implements DuckSession {
  private database: Database | undefined;
  private running: Running | undefined;

  open(limits: DuckLimits): Promise<void> {
    return translated(async () => {
      this.close();
      const opened = await openDatabase(limits);
      this.database = { ...opened, input: new InputTable(opened.connection) };
    });
  }

  append(records: readonly Json[]): Promise<void> {
    return translated(() => this.opened().input.append(records));
  }

  clear(): Promise<void> {
    this.running = undefined;
    return translated(() => this.opened().input.drop());
  }

  query({ sql, parameters }: DuckQuery): Promise<void> {
    return translated(async () => {
      const { connection, input } = this.opened();
      await input.ensureCreated();
      const statement = await prepareSelect(connection, sql);
      bind(statement, parameters);
      const result = await statement.stream();
      this.running = { result, names: result.deduplicatedColumnNames() };
    });
  }

  fetch(): Promise<readonly Json[] | undefined> {
    return translated(async () => {
      const { running } = this;
      const chunk = await running?.result.fetchChunk();
      if (running === undefined || chunk === null || chunk === undefined || chunk.rowCount === 0) {
        this.running = undefined;
        return undefined;
      }
      const columns = running.names.map((_, index) => chunk.getColumnValues(index).map(converterOf(running.result.columnType(index))));
      return Array.from({ length: chunk.rowCount }, (_, row) =>
        Object.fromEntries(running.names.map((name, index) => [name, columns[index]?.[row] ?? null])),
      );
    });
  }

  /** Drops the database and everything in it. */
  close(): void {
    this.running = undefined;
    this.database?.connection.closeSync();
    this.database?.instance.closeSync();
    this.database = undefined;
  }

  private opened(): Database {
    if (this.database === undefined) throw new SqlTrouble('SQL_NOT_OPEN', 'the database is not open', true);
    return this.database;
  }
}

async function translated<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw sqlTrouble(error);
  }
}

/**
 * Exactly one SELECT, as DuckDB's own parser sees it. The parser is asked before anything is prepared: preparing already
 * has effects (EXPORT DATABASE makes its directory).
 */
async function prepareSelect(connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> {
  const statements = await countSelects(connection, sql);
  if (statements !== 1) throw notAllowed(`not ${statements} statements`);
  const statement = await connection.prepare(sql);
  if (statement.statementType === StatementType.SELECT) return statement;
  throw notAllowed(`not ${StatementType[statement.statementType]}`);
}

/** `json_serialize_sql` parses without binding, and refuses whatever is no SELECT. */
async function countSelects(connection: DuckDBConnection, sql: string): Promise<number> {
  const reader = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [sql]);
  const parsed = JSON.parse(String(reader.value(0, 0))) as {
    error: boolean;
    error_type?: string;
    error_message?: string;
    statements?: unknown[];
  };
  if (!parsed.error) return parsed.statements?.length ?? 0;
  if (parsed.error_type === 'parser') throw new SqlTrouble('SQL_INVALID', parsed.error_message ?? 'syntax error', false);
  throw notAllowed(`and this is something else (${parsed.error_message})`);
}

function notAllowed(found: string): SqlTrouble {
  return new SqlTrouble('SQL_NOT_ALLOWED', `exactly one SELECT is allowed here, ${found}`, false);
}

function bind(statement: DuckDBPreparedStatement, parameters: DuckQuery['parameters']): void {
  for (let index = 1; index <= statement.parameterCount; index += 1) {
    const name = statement.parameterName(index);
    const value = parameters[name];
    if (value === undefined) throw new SqlTrouble('SQL_PARAMETER_MISSING', `there is no parameter named ${name}`, false);
    const { value: bound, type } = toParameter(value);
    statement.bindValue(index, bound, type);
  }
}
