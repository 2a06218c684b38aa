/** Any JSON value. Everything that is stored, sent or snapshotted is one of these. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object with unknown keys. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Milliseconds since the Unix epoch. */
export type EpochMs = number;

/** Fails to compile when a switch over a closed union forgets a case, and throws if one slips through at run time. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected variant: ${JSON.stringify(value)}`);
}
