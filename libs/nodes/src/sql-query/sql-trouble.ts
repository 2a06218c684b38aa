/** A query that cannot go on, with a code for machines; crosses a process boundary as these three fields. */
export class SqlTrouble extends Error {
  override readonly name = 'SqlTrouble';
  constructor(
    readonly code: string,
    message: string,
    /** False: another attempt would fail the same way. */
    readonly retryable: boolean,
  ) {
    super(message);
  }
}

/** By the class of error that DuckDB puts in front of its messages. */
const known: readonly { readonly begins: RegExp; readonly code: string; readonly retryable: boolean }[] = [
  { begins: /^Permission Error/, code: 'SQL_NOT_ALLOWED', retryable: false },
  { begins: /^Out of Memory Error/, code: 'OUT_OF_MEMORY', retryable: true },
  { begins: /^IO Error/, code: 'SQL_IO_FAILED', retryable: true },
  { begins: /^(Conversion|Out of Range|Invalid Input|Constraint) Error/, code: 'SQL_DATA_INVALID', retryable: false },
];

/** What DuckDB said, without the line that repeats the statement; everything but trouble with memory or files would happen again. */
export function sqlTrouble(error: unknown): SqlTrouble {
  if (error instanceof SqlTrouble) return error;
  const message = error instanceof Error ? error.message.replace(/^Failed to \w+( \w+)*: /, '') : String(error);
  const found = known.find(({ begins }) => begins.test(message));
  const text = (message.split('\n\nLINE ')[0] ?? message).trim().slice(0, 1_000);
  return new SqlTrouble(found?.code ?? 'SQL_INVALID', text, found?.retryable ?? false);
}
