import type { FileHandle } from 'node:fs/promises';
import { NodeFailure } from '../api/failures.js';

/** Whole records, as bytes, and the position in the file after them. The bytes are valid until the next chunk is asked for. */
export interface RecordChunk {
  readonly bytes: Buffer;
  readonly end: number;
}

export interface ChunkOptions {
  readonly from: number;
  /** Bytes to aim at. */
  readonly chunkBytes: number;
  /** Bytes up to and with the last end of a record; 0 when there is none. */
  readonly lastRecordEnd: (bytes: Buffer) => number;
}

const maxRecordBytes = 16 * 1024 * 1024;

/**
 * Reads a file from the start of a record on, cut at ends of records: a cursor is then a byte position, and resuming needs
 * no counting. What follows the last end of a record comes as the last chunk. A record above 16 MiB is a NodeFailure.
 */
export async function* recordChunks(file: FileHandle, options: ChunkOptions): AsyncGenerator<RecordChunk> {
  let buffer = Buffer.allocUnsafe(options.chunkBytes);
  let held = 0; // bytes of an unfinished record at the start of the buffer
  let position = options.from;
  for (;;) {
    const { bytesRead } = await file.read(buffer, held, buffer.length - held, position + held);
    const length = held + bytesRead;
    if (bytesRead === 0) {
      if (length > 0) yield { bytes: buffer.subarray(0, length), end: position + length };
      return;
    }
    const end = options.lastRecordEnd(buffer.subarray(0, length));
    if (end > 0) yield { bytes: buffer.subarray(0, end), end: position + end };
    else if (length === buffer.length) buffer = grown(buffer, position);
    buffer.copyWithin(0, end, length);
    held = length - end;
    position += end;
  }
}

/** What tells one state of a file from another: a cursor is good for that state only. */
export async function fingerprintOf(file: FileHandle): Promise<string> {
  const { size, mtimeMs } = await file.stat();
  return `${size}-${mtimeMs}`;
}

/** Bytes of a UTF-8 byte order mark at the start of a file: 3 or 0. */
export async function byteOrderMark(file: FileHandle): Promise<number> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(3), 0, 3, 0);
  return bytesRead === 3 && buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf ? 3 : 0;
}

function grown(buffer: Buffer<ArrayBuffer>, position: number): Buffer<ArrayBuffer> {
  if (buffer.length >= maxRecordBytes) {
    const message = `the record at byte ${position} is longer than ${maxRecordBytes} bytes (is a quote left open?)`;
    throw new NodeFailure('RECORD_TOO_LARGE', message, { retryable: false });
  }
  const larger = Buffer.allocUnsafe(buffer.length * 2);
  buffer.copy(larger);
  return larger;
}
