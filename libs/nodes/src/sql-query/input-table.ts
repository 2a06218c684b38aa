import { type DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';
import type { Json, JsonObject } from '#core';
import { type ColumnKind, kindOf, sqlTypes, toColumn, vectorTypes, widerKind } from './column-kind.js';
import { sqlName } from './duck-database.js';

/** Rows of one of DuckDB's chunks. */
const chunkRows = 2_048;

interface Column {
  readonly field: string;
  /** Its name in SQL: names that differ only in case get a number, because SQL does not tell them apart. */
  readonly name: string;
  kind: ColumnKind;
}

/** The table `input`: its columns are the records' fields, found as records come; a bare value is the column `value`. */
export class InputTable {
  private readonly columns = new Map<string, Column>();
  private readonly names = new Set<string>();
  private created = false;

  constructor(private readonly connection: DuckDBConnection) {}

  async append(records: readonly Json[]): Promise<void> {
    const rows = records.map(toRow);
    await this.fitColumns(rows);
    if (rows.length > 0) await this.write(rows);
  }

  /** Makes sure that the table exists: a query over no records at all finds it empty. */
  async ensureCreated(): Promise<void> {
    if (!this.created) await this.fitColumns([{ value: null }]);
  }

  async drop(): Promise<void> {
    await this.connection.run('DROP TABLE IF EXISTS input');
    this.columns.clear();
    this.names.clear();
    this.created = false;
  }

  private async fitColumns(rows: readonly JsonObject[]): Promise<void> {
    const wanted = new Map<string, ColumnKind>();
    for (const row of rows) {
      for (const field in row) wanted.set(field, widerKind(wanted.get(field) ?? 'none', kindOf(row[field])));
    }
    const fresh: Column[] = [];
    for (const [field, kind] of wanted) {
      const column = this.columns.get(field);
      if (column === undefined) fresh.push(this.addColumn(field, kind));
      else await this.widen(column, widerKind(column.kind, kind));
    }
    await this.declare(fresh);
  }

  private addColumn(field: string, kind: ColumnKind): Column {
    let name = field === '' ? 'column' : field;
    for (let number = 1; this.names.has(name.toLowerCase()); number += 1) name = `${field}_${number}`;
    const column = { field, name, kind };
    this.names.add(name.toLowerCase());
    this.columns.set(field, column);
    return column;
  }

  private async declare(fresh: readonly Column[]): Promise<void> {
    const definitions = fresh.map(({ name, kind }) => `${sqlName(name)} ${sqlTypes[kind]}`);
    if (!this.created && fresh.length > 0) {
      await this.connection.run(`CREATE TABLE input (${definitions.join(', ')})`);
      this.created = true;
      return;
    }
    for (const definition of definitions) await this.connection.run(`ALTER TABLE input ADD COLUMN ${definition}`);
  }

  /** A later record does not fit the column: what is stored is converted once. */
  private async widen(column: Column, kind: ColumnKind): Promise<void> {
    if (kind === column.kind) return;
    const name = sqlName(column.name);
    const using = kind === 'json' ? ` USING to_json(${name})` : '';
    if (sqlTypes[kind] !== sqlTypes[column.kind]) {
      await this.connection.run(`ALTER TABLE input ALTER COLUMN ${name} TYPE ${sqlTypes[kind]}${using}`);
    }
    column.kind = kind;
  }

  private async write(rows: readonly JsonObject[]): Promise<void> {
    const columns = [...this.columns.values()];
    const types = columns.map(({ kind }) => vectorTypes[kind]);
    const appender = await this.connection.createAppender('input');
    for (let start = 0; start < rows.length; start += chunkRows) {
      const part = rows.slice(start, start + chunkRows);
      const chunk = DuckDBDataChunk.create(types, part.length);
      chunk.setColumns(columns.map(({ field, kind }) => part.map((row) => toColumn(row[field], kind))));
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
  }
}

function toRow(record: Json): JsonObject {
  return typeof record === 'object' && record !== null && !Array.isArray(record) ? (record as JsonObject) : { value: record };
}
