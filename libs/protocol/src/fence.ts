import { eventHeaders, eventSchemaVersion } from './headers.js';
import { partitionKey } from './keys.js';
import type { LogRecord, StoredRecord } from './record.js';

/** What an owner says when it takes a partition (L1). `epoch` in the record is the random part; the whole epoch is `offset.random`. */
export interface FenceBody {
  readonly instance: string;
  readonly address: string;
  readonly generation: number;
  readonly partitions: number;
  readonly reason: string;
  /** The owner's clock, epoch milliseconds. */
  readonly at: number;
}

const encoder = new TextEncoder();

/** The fence record of one take-over; `random` makes it unique even where two owners expect the same offset. */
export function encodeFence(random: string, body: FenceBody): LogRecord {
  return {
    key: partitionKey('fence', random),
    value: encoder.encode(JSON.stringify({ type: 'OwnerFenced', epoch: random, ...body })),
    headers: { [eventHeaders.type]: 'OwnerFenced', [eventHeaders.epoch]: random, [eventHeaders.schema]: String(eventSchemaVersion) },
  };
}

export function isFence(record: StoredRecord | LogRecord): boolean {
  return record.headers[eventHeaders.type] === 'OwnerFenced';
}

/** The epoch that a fence begins: its own offset and its random id, e.g. `4711.k3f9`. */
export function epochOf(fence: StoredRecord): string {
  return `${fence.offset}.${fence.headers[eventHeaders.epoch] ?? ''}`;
}

/** The offset at which the fence of this epoch lies. */
export function fenceOffsetOf(epoch: string): number {
  return Number(epoch.slice(0, epoch.indexOf('.')));
}
