import type { RawRecord } from '#protocol';

export interface CommandListener {
  /** Records in offset order, none twice. `nextOffset`: where the following batch begins. */
  records(records: readonly RawRecord[], nextOffset: number): void;
  /** The position asked for is outside the topic (L11). The subscription has ended. */
  outOfRange(logStart: number, highWatermark: number): void;
  /** Reading met trouble and goes on by itself; what comes next may be of another topic of that name (L11). Best effort, may come often. */
  interrupted?(): void;
  /** What was read cannot be understood or taken. The subscription has ended. */
  failed?(error: unknown): void;
}

export interface CommandSubscription {
  pause(): void;
  resume(): void;
  close(): void;
  /** End of the topic as last seen; the lag is this minus the position. */
  readonly highWatermark: number;
}

/** A command that goes to another topic or partition, with its original bytes. */
export interface RejectedCommand {
  readonly record: RawRecord;
  readonly partition: number;
  readonly code: string;
  readonly message: string;
}

/** A command that an engine writes; all text. */
export interface OwnCommand {
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** `workflow.commands`: read by offset, independent of the consumer group; never reset to "latest". */
export interface CommandLog {
  subscribe(partition: number, fromOffset: number, listener: CommandListener): CommandSubscription;
  /** First and next offset of the partition. Rejects with TransientError. */
  bounds(partition: number): Promise<{ readonly logStart: number; readonly highWatermark: number }>;
  /** Writes to `workflow.commands.rejected`; resolves when confirmed. At least once. */
  reject(command: RejectedCommand): Promise<void>;
  /** Writes a command to the partition it belongs on (murmur2 of its key), keeping its bytes and headers; resolves when confirmed. At least once: the target dedupes by commandId. */
  forward(record: RawRecord, fromPartition: number, toPartition: number): Promise<void>;
  /** Writes a command of an engine's own to a partition (L12); resolves when confirmed. At least once: the target knows a repeat. */
  send(command: OwnCommand, partition: number): Promise<void>;
}
