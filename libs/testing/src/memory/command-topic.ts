import { partitionOf, type RawRecord } from '#protocol';

const encoder = new TextEncoder();

export interface ProducedCommand {
  readonly key: string | null;
  readonly value: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

interface PartitionData {
  records: RawRecord[];
  logStart: number;
  end: number;
  readonly waiters: Set<() => void>;
}

export interface RejectedEntry {
  readonly partition: number;
  readonly offset: number;
  readonly code: string;
  readonly message: string;
}

/** What a broker keeps of `workflow.commands` and `workflow.commands.rejected`. */
export class CommandTopic {
  readonly partitions: number;
  readonly rejected: RejectedEntry[] = [];
  /** How often a partition was created anew. */
  readonly recreated = new Map<number, number>();
  readonly #breaks = new Map<number, number>();
  readonly #now: () => number;
  readonly #data: readonly PartitionData[];

  constructor(partitions: number, now: () => number) {
    this.partitions = partitions;
    this.#now = now;
    this.#data = Array.from({ length: partitions }, () => ({ records: [], logStart: 0, end: 0, waiters: new Set() }));
  }

  /** Writes one command; without `partition` where Java's partitioner puts it. */
  produce(command: ProducedCommand, partition = partitionOf(command.key ?? '', this.partitions)): { partition: number; offset: number } {
    const headers = Object.fromEntries(Object.entries(command.headers ?? {}).map(([name, text]) => [name, encoder.encode(text)]));
    const key = command.key === null ? null : encoder.encode(command.key);
    const value = command.value === null ? null : encoder.encode(command.value);
    return { partition, offset: this.write(partition, { key, value, headers }) };
  }

  write(partition: number, record: Pick<RawRecord, 'key' | 'value' | 'headers'>): number {
    const data = this.#of(partition);
    const offset = data.end++;
    data.records.push({ key: record.key, value: record.value, headers: record.headers, offset, timestamp: this.#now() });
    for (const waiter of [...data.waiters]) waiter();
    return offset;
  }

  /** Records from an offset on, at most `limit`; undefined when it is outside the topic. */
  slice(partition: number, fromOffset: number, limit: number): readonly RawRecord[] | undefined {
    const data = this.#of(partition);
    if (fromOffset < data.logStart || fromOffset > data.end) return undefined;
    const first = fromOffset - data.logStart;
    return data.records.slice(first, first + limit);
  }

  bounds(partition: number): { readonly logStart: number; readonly highWatermark: number } {
    const { logStart, end } = this.#of(partition);
    return { logStart, highWatermark: end };
  }

  all(partition: number): readonly RawRecord[] {
    return this.#of(partition).records;
  }

  /** Retention: commands below `logStart` are gone. */
  trim(partition: number, logStart: number): void {
    const data = this.#of(partition);
    data.records = data.records.filter((record) => record.offset >= logStart);
    data.logStart = logStart;
    data.end = Math.max(data.end, logStart);
  }

  /** The topic is deleted and created anew: it is empty and begins at 0. */
  recreate(partition: number): void {
    Object.assign(this.#of(partition), { records: [], logStart: 0, end: 0 });
    this.recreated.set(partition, this.generationOf(partition) + 1);
    for (const waiter of [...this.#of(partition).waiters]) waiter(); // a broker answers long polls of a topic that goes away
  }

  /** The broker goes down and comes back: whoever reads is told. */
  breakOff(partition: number): void {
    this.#breaks.set(partition, this.breaksOf(partition) + 1);
    for (const waiter of [...this.#of(partition).waiters]) waiter();
  }

  /** How often reading was broken off. */
  breaksOf(partition: number): number {
    return this.#breaks.get(partition) ?? 0;
  }

  /** How often the partition was created anew. */
  generationOf(partition: number): number {
    return this.recreated.get(partition) ?? 0;
  }

  /** Calls back on every write and when the topic is created anew, until stopped. */
  onWrite(partition: number, callback: () => void): () => void {
    const { waiters } = this.#of(partition);
    waiters.add(callback);
    return () => waiters.delete(callback);
  }

  #of(partition: number): PartitionData {
    const data = this.#data[partition];
    if (data === undefined) throw new RangeError(`no partition ${partition}`);
    return data;
  }
}
