const newline = 0x0a;
const quote = 0x22;

/** Bytes up to and with the last line end that ends a record; 0 when there is none. */
export function lastRecordEnd(bytes: Buffer, delimiter: string): number {
  return bytes.includes(quote) ? scan(bytes, delimiter).end : bytes.lastIndexOf(newline) + 1;
}

/** Bytes up to and with the first line end that ends a record; all of them when there is none. */
export function firstRecordEnd(bytes: Buffer, delimiter: string): number {
  return scan(bytes, delimiter, true).end || bytes.length;
}

/** True when the bytes end inside quotes. */
export function endsInsideQuotes(bytes: Buffer, delimiter: string): boolean {
  return bytes.includes(quote) && scan(bytes, delimiter).open;
}

interface Scan {
  readonly end: number;
  readonly open: boolean;
}

/** A quote opens only at the start of a field; inside, a line end is text, and two quotes are one. */
function scan(bytes: Buffer, delimiter: string, stopAtFirst = false): Scan {
  const separator = delimiter.charCodeAt(0);
  let end = 0;
  let open = false;
  let opensAt = 0; // where a quote would open: the start of a field, or right after a closing quote
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    if (byte === quote) {
      if (open) opensAt = index + 1;
      open = !open && index === opensAt;
    } else if (!open && byte === newline) {
      end = opensAt = index + 1;
      if (stopAtFirst) break;
    } else if (!open && byte === separator) {
      opensAt = index + 1;
    }
  }
  return { end, open };
}
