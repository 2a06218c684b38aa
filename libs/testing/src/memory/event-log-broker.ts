import { encodedSize, type LogRecord, type StoredRecord } from '#protocol';

interface PartitionData {
  records: StoredRecord[];
  logStart: number;
  end: number;
  batchStarts: number[];
  readonly waiters: Set<() => void>;
}

export interface EventLogSlice {
  readonly records: readonly StoredRecord[];
  readonly nextOffset: number;
  readonly highWatermark: number;
  readonly logStart: number;
}

/** What a broker keeps of `workflow.events`: batches, offsets, compaction and loss as Kafka does them; it knows nothing of V1. */
export class EventLogBroker {
  readonly #partitions = new Map<number, PartitionData>();
  readonly #now: () => number;
  readonly maxBatchBytes: number;
  /** Hears of every batch as it lands. */
  onAppend: ((partition: number, records: readonly StoredRecord[]) => void) | undefined;

  constructor(now: () => number, maxBatchBytes = Number.POSITIVE_INFINITY) {
    this.#now = now;
    this.maxBatchBytes = maxBatchBytes;
  }

  /** Writes a batch, whole; returns where its first record lies. */
  append(partition: number, records: readonly LogRecord[]): { readonly baseOffset: number; readonly timestamp: number } {
    const data = this.#data(partition);
    const baseOffset = data.end;
    const timestamp = this.#now();
    data.batchStarts.push(baseOffset);
    const stored = records.map((record) => ({ ...record, offset: data.end++, timestamp }));
    for (const record of stored) data.records.push(record);
    this.onAppend?.(partition, stored);
    this.#wake(data);
    return { baseOffset, timestamp };
  }

  isTooLarge(records: readonly LogRecord[]): boolean {
    if (this.maxBatchBytes === Number.POSITIVE_INFINITY) return false;
    return records.reduce((sum, record) => sum + encodedSize(record), 0) > this.maxBatchBytes;
  }

  /** Records from an offset on, at least one where there is one; undefined when the offset is outside the log. */
  slice(partition: number, fromOffset: number, maxBytes = Number.POSITIVE_INFINITY): EventLogSlice | undefined {
    const data = this.#data(partition);
    if (fromOffset < data.logStart || fromOffset > data.end) return undefined;
    const first = firstAtOrAbove(data.records, fromOffset);
    let size = 0;
    let index = first;
    for (; index < data.records.length && (index === first || size < maxBytes); index += 1) {
      size += data.records[index]?.value?.length ?? 0;
    }
    const next = data.records[index]?.offset ?? data.end;
    return { records: data.records.slice(first, index), nextOffset: next, highWatermark: data.end, logStart: data.logStart };
  }

  /** Every record there is, in order: for checkers. */
  all(partition: number): readonly StoredRecord[] {
    return this.#data(partition).records;
  }

  end(partition: number): number {
    return this.#data(partition).end;
  }

  /** Where batches begin: a log loses its tail batch by batch. */
  batchStarts(partition: number): readonly number[] {
    return this.#data(partition).batchStarts;
  }

  bounds(partition: number): { readonly logStart: number; readonly end: number } {
    const { logStart, end } = this.#data(partition);
    return { logStart, end };
  }

  /** Cleans everything below `upTo`: of each key only the last record there stays (the log's last record always does). */
  compact(partition: number, upTo = Number.POSITIVE_INFINITY): void {
    const data = this.#data(partition);
    const limit = Math.min(upTo, data.end - 1);
    const last = new Map<string, number>();
    for (const record of data.records) if (record.offset < limit) last.set(record.key, record.offset);
    data.records = data.records.filter((record) => record.offset >= limit || last.get(record.key) === record.offset);
  }

  /** Loses the tail from `toOffset` on, as an unclean election or a power loss does; the offsets are given out again. */
  truncate(partition: number, toOffset: number): void {
    const data = this.#data(partition);
    data.records = data.records.filter((record) => record.offset < toOffset);
    data.end = Math.max(data.logStart, Math.min(data.end, toOffset));
    data.batchStarts = data.batchStarts.filter((start) => start < data.end);
    this.#wake(data);
  }

  /** Loses everything below an offset, as retention does. */
  trim(partition: number, logStart: number): void {
    const data = this.#data(partition);
    data.records = data.records.filter((record) => record.offset >= logStart);
    data.logStart = logStart;
    data.end = Math.max(data.end, logStart);
  }

  /** Calls back once when the partition changes; returns how to stop waiting. */
  onChange(partition: number, callback: () => void): () => void {
    const { waiters } = this.#data(partition);
    waiters.add(callback);
    return () => waiters.delete(callback);
  }

  #data(partition: number): PartitionData {
    let data = this.#partitions.get(partition);
    if (data === undefined) {
      data = { records: [], logStart: 0, end: 0, batchStarts: [], waiters: new Set() };
      this.#partitions.set(partition, data);
    }
    return data;
  }

  #wake(data: PartitionData): void {
    const waiters = [...data.waiters];
    data.waiters.clear();
    for (const waiter of waiters) waiter();
  }
}

function firstAtOrAbove(records: readonly StoredRecord[], offset: number): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((records[middle]?.offset ?? Number.POSITIVE_INFINITY) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
