/** A record to be appended. Header values are text; bytes are UTF-8 JSON. A null value is a tombstone. */
export interface LogRecord {
  readonly key: string;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** A record as read back. `timestamp` is the broker's LogAppendTime, epoch milliseconds. */
export interface StoredRecord extends LogRecord {
  readonly offset: number;
  readonly timestamp: number;
}

/** A record of a topic that anyone may write to: key, value and headers may be missing or any bytes. */
export interface RawRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, Uint8Array>>;
}
