import type { Json } from '#core';
import { CheckpointUnusable } from '../api/failures.js';
import { isRecord } from '../api/record-fields.js';

/** Where reading goes on in a file, and which state of the file that is true for. */
export interface FileCursor {
  readonly byte: number;
  /** Records before it. */
  readonly row: number;
  readonly file: string;
}

/** Reads a cursor back. Throws CheckpointUnusable when it is none, or when the file has changed since. */
export function readFileCursor(cursor: Json, fingerprint: string): FileCursor {
  if (!isRecord(cursor) || typeof cursor.byte !== 'number' || typeof cursor.row !== 'number') {
    throw new CheckpointUnusable('the cursor is not a position in a file');
  }
  if (cursor.file !== fingerprint) throw new CheckpointUnusable('the file has changed since the checkpoint');
  return { byte: cursor.byte, row: cursor.row, file: fingerprint };
}
