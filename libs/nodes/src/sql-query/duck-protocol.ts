import type { Json } from '#core';

/** How a database is shut in. */
export interface DuckLimits {
  /** Absolute path without symbolic links; nothing outside it can be read, and nothing at all can be written. */
  readonly filesRoot: string;
  /** DuckDB's own memory, MiB; beyond it, it spills into `spillDirectory`. */
  readonly memoryMb: number;
  readonly spillDirectory: string;
  readonly spillMb: number;
  readonly threads: number;
}

/** A statement whose parameters are written `$name`. */
export interface DuckQuery {
  readonly sql: string;
  readonly parameters: Readonly<Record<string, Json>>;
}

/** A database of one node's attempt. One call at a time. Calls fail with a SqlTrouble. */
export interface DuckSession {
  open(limits: DuckLimits): Promise<void>;
  /** Adds records to the table `input`. */
  append(records: readonly Json[]): Promise<void>;
  /** Empties and forgets the table `input`. */
  clear(): Promise<void>;
  /** Starts a query: exactly one SELECT. */
  query(query: DuckQuery): Promise<void>;
  /** The next rows of the query; undefined after the last. */
  fetch(): Promise<readonly Json[] | undefined>;
}

/** To the process that hosts a session. */
export type DuckRequest =
  | { readonly call: 'open'; readonly limits: DuckLimits }
  | { readonly call: 'append'; readonly records: readonly Json[] }
  | { readonly call: 'clear' }
  | { readonly call: 'query'; readonly query: DuckQuery }
  | { readonly call: 'fetch' };

/** Its answer, in the order of the requests. */
export type DuckReply =
  | { readonly ok: true; readonly rows?: readonly Json[] }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly retryable: boolean };
