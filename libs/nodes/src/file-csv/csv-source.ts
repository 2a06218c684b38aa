import { type FileHandle, open } from 'node:fs/promises';
import type { Json } from '#core';
import { textSetting } from '../api/config-values.js';
import { NodeFailure } from '../api/failures.js';
import type { NodeContext } from '../api/node-context.js';
import type { SourceBatch, SourceOperator } from '../api/operators.js';
import { readFileCursor } from '../files/file-cursor.js';
import { resolveForReading } from '../files/files-root.js';
import { byteOrderMark, fingerprintOf, type RecordChunk, recordChunks } from '../files/record-chunks.js';
import { type CsvColumn, columnsOf, readRow } from './csv-columns.js';
import { parseRows } from './csv-rows.js';
import { endsInsideQuotes, firstRecordEnd, lastRecordEnd } from './csv-scan.js';

/** Types are inferred from the rows in the first MiB; a file that is smaller is seen whole. */
const sampleBytes = 1024 * 1024;
const chunkBytes = 128 * 1024;

interface Layout {
  readonly columns: readonly CsvColumn[];
  /** Byte position of the first data row. */
  readonly dataStart: number;
}

/** Reads a CSV file; the cursor is a byte position, so a resume is immediate however long the file. */
export class CsvSource implements SourceOperator {
  private readonly delimiter: string;
  private readonly encoding: BufferEncoding;
  private file: FileHandle | undefined;

  constructor(private readonly context: NodeContext) {
    this.delimiter = textSetting(context.config, 'delimiter');
    this.encoding = context.config.encoding === 'latin1' ? 'latin1' : 'utf8';
  }

  async *read(cursor: Json | undefined): AsyncGenerator<SourceBatch> {
    const file = await open(await resolveForReading(this.context.filesRoot, textSetting(this.context.config, 'path')), 'r');
    this.file = file;
    const fingerprint = await fingerprintOf(file);
    const layout = await this.layoutOf(file);
    const start = cursor === undefined ? { byte: layout.dataStart, row: 0 } : readFileCursor(cursor, fingerprint);
    let { row } = start;
    for await (const chunk of this.chunks(file, start.byte, chunkBytes)) {
      const rows = this.rowsOf(chunk);
      const records = this.records(layout.columns, rows, row);
      row += rows.length;
      yield { records, cursor: { byte: chunk.end, row, file: fingerprint } };
    }
  }

  async close(): Promise<void> {
    await this.file?.close();
    this.file = undefined;
  }

  private records(columns: readonly CsvColumn[], rows: readonly (readonly string[])[], before: number): Json[] {
    const records: Json[] = [];
    for (let index = 0; index < rows.length; index++) {
      const row = rows[index] ?? [];
      if (columns.length > 1 && row.length === 1 && row[0] === '') continue; // an empty line
      const record = readRow(columns, row);
      if (typeof record === 'string') this.context.rejectRecord({ index: before + index, message: `the row ${record}`, record: [...row] });
      else records.push(record);
    }
    return records;
  }

  private async layoutOf(file: FileHandle): Promise<Layout> {
    const bom = await byteOrderMark(file);
    const first = await this.chunks(file, bom, sampleBytes).next();
    if (first.done === true) return { columns: [], dataStart: bom };
    const rows = this.rowsOf(first.value);
    const { header, types } = this.context.config;
    if (header === false) {
      const names = (rows[0] ?? []).map((_, place) => `column${place + 1}`);
      return { columns: columnsOf(names, rows, types), dataStart: bom };
    }
    const headerBytes = firstRecordEnd(first.value.bytes, this.delimiter);
    return { columns: columnsOf(rows[0] ?? [], rows.slice(1), types), dataStart: bom + headerBytes };
  }

  private chunks(file: FileHandle, from: number, size: number): AsyncGenerator<RecordChunk> {
    return recordChunks(file, { from, chunkBytes: size, lastRecordEnd: (bytes) => lastRecordEnd(bytes, this.delimiter) });
  }

  private rowsOf({ bytes, end }: RecordChunk): string[][] {
    if (endsInsideQuotes(bytes, this.delimiter)) {
      throw new NodeFailure('CSV_MALFORMED', `a quote before byte ${end} is never closed`, { retryable: false });
    }
    return parseRows(bytes.toString(this.encoding), this.delimiter);
  }
}
