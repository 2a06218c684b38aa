import { type FileHandle, open } from 'node:fs/promises';
import type { Json } from '#core';
import { textSetting } from '../api/config-values.js';
import type { NodeContext } from '../api/node-context.js';
import type { SourceBatch, SourceOperator } from '../api/operators.js';
import { readFileCursor } from '../files/file-cursor.js';
import { resolveForReading } from '../files/files-root.js';
import { byteOrderMark, fingerprintOf, recordChunks } from '../files/record-chunks.js';
import { encodingOf } from './encodings.js';

const chunkBytes = 128 * 1024;

/** Reads lines that end in LF or CRLF; the cursor is a byte position. */
export class TextSource implements SourceOperator {
  private file: FileHandle | undefined;

  constructor(private readonly context: NodeContext) {}

  async *read(cursor: Json | undefined): AsyncGenerator<SourceBatch> {
    const { config, filesRoot } = this.context;
    const encoding = encodingOf(config);
    const file = await open(await resolveForReading(filesRoot, textSetting(config, 'path')), 'r');
    this.file = file;
    const fingerprint = await fingerprintOf(file);
    const start = cursor === undefined ? { byte: await firstByte(file, encoding), row: 0 } : readFileCursor(cursor, fingerprint);
    let { row } = start;
    for await (const chunk of recordChunks(file, { from: start.byte, chunkBytes, lastRecordEnd: lineEnds[encoding] })) {
      const records = linesOf(chunk.bytes.toString(encoding));
      row += records.length;
      yield { records, cursor: { byte: chunk.end, row, file: fingerprint } };
    }
  }

  async close(): Promise<void> {
    await this.file?.close();
    this.file = undefined;
  }
}

const lastLineFeed = (bytes: Buffer): number => bytes.lastIndexOf(0x0a) + 1;

const lineEnds = { utf8: lastLineFeed, latin1: lastLineFeed, utf16le: lastWideLineFeed } as const;

/** A line feed of two bytes, at an even place. */
function lastWideLineFeed(bytes: Buffer): number {
  for (let index = (bytes.length & ~1) - 2; index >= 0; index -= 2) {
    if (bytes[index] === 0x0a && bytes[index + 1] === 0) return index + 2;
  }
  return 0;
}

async function firstByte(file: FileHandle, encoding: keyof typeof lineEnds): Promise<number> {
  if (encoding !== 'utf16le') return encoding === 'utf8' ? byteOrderMark(file) : 0;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  return bytesRead === 2 && buffer[0] === 0xff && buffer[1] === 0xfe ? 2 : 0;
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}
