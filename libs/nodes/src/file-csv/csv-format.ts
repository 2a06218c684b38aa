import type { Json, JsonObject } from '#core';
import { CheckpointUnusable } from '../api/failures.js';
import type { NodeContext } from '../api/node-context.js';
import type { Batch } from '../api/operators.js';
import { isRecord } from '../api/record-fields.js';
import type { EncodedBatch, FileFormat } from '../files/file-sink.js';
import { csvField } from './csv-line.js';

export interface CsvFormatOptions {
  readonly delimiter: string;
  readonly header: boolean;
  /** Empty = the keys of the first record. */
  readonly columns: readonly string[];
  readonly rejectRecord: NodeContext['rejectRecord'];
}

/** Records as CSV lines. A bare value has the one column `value`; a record with a key that is no column is rejected. */
export class CsvFormat implements FileFormat {
  private columns: readonly string[];
  private started = false;

  constructor(private readonly options: CsvFormatOptions) {
    this.columns = options.columns;
  }

  encode(batch: Batch): EncodedBatch {
    let text = '';
    let records = 0;
    for (const [index, record] of batch.entries()) {
      const row = isRecord(record) ? record : { value: record };
      if (!this.started) text += this.begin(row);
      const stray = this.strayKey(row);
      if (stray !== undefined) {
        this.options.rejectRecord({ index, message: strayMessage(stray), record });
        continue;
      }
      text += this.line(row);
      records += 1;
    }
    return { text, records };
  }

  state(): Json {
    return this.started ? this.columns : null;
  }

  restore(state: Json): void {
    if (state === null) return;
    if (!Array.isArray(state)) throw new CheckpointUnusable('the checkpoint names no columns');
    this.columns = state.map(String);
    this.started = true;
  }

  private begin(first: JsonObject): string {
    this.started = true;
    if (this.columns.length === 0) this.columns = Object.keys(first);
    const { header, delimiter } = this.options;
    return header ? `${this.columns.map((name) => csvField(name, delimiter)).join(delimiter)}\n` : '';
  }

  private line(row: JsonObject): string {
    const { delimiter } = this.options;
    let line = '';
    for (const [place, column] of this.columns.entries()) {
      line += place === 0 ? csvField(row[column], delimiter) : delimiter + csvField(row[column], delimiter);
    }
    return `${line}\n`;
  }

  private strayKey(row: JsonObject): string | undefined {
    for (const key in row) if (!this.columns.includes(key)) return key;
    return undefined;
  }
}

function strayMessage(key: string): string {
  return `\`${key}\` is not a column of the file (its columns are those of the first record, or of the setting \`columns\`)`;
}
