import { InvalidCursorError } from '../read-model.js';

type Part = string | number;

/** The place after a row, as opaque text. */
export function encodeCursor(parts: readonly Part[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** The parts of a cursor, checked against their kinds (`'n'` number, `'s'` text). Throws InvalidCursorError. */
export function decodeCursor(cursor: string, kinds: string): readonly Part[] {
  const parts = parse(cursor);
  const fits = Array.isArray(parts) && parts.length === kinds.length && parts.every((part, i) => isKind(part, kinds[i]));
  if (!fits) throw new InvalidCursorError(`not a cursor of this list: ${JSON.stringify(cursor.slice(0, 100))}`);
  return parts as readonly Part[];
}

function isKind(part: unknown, kind: string | undefined): boolean {
  return kind === 'n' ? Number.isSafeInteger(part) : typeof part === 'string' && !part.includes('\0');
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch (error) {
    throw new InvalidCursorError(`not a cursor: ${JSON.stringify(cursor.slice(0, 100))}`, { cause: error });
  }
}
