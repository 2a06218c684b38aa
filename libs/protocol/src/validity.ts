import { epochOf, isFence } from './fence.js';
import { eventHeaders } from './headers.js';
import type { StoredRecord } from './record.js';

/** What V1 says of a record. Only `fence` and `valid` records mean anything; the others every reader skips. */
export type Validity = 'fence' | 'valid' | 'stale' | 'misplaced' | 'tombstone';

/** V1: applies the same rule in log order for every reader. Feed it every record from a known position on. */
export class LogValidity {
  #epoch: string | undefined;

  /** `epochInForce`: the epoch at the position where reading starts; undefined only at the log's start. */
  constructor(epochInForce?: string) {
    this.#epoch = epochInForce;
  }

  /** The epoch of the latest fence seen, or the one given at the start. */
  get epoch(): string | undefined {
    return this.#epoch;
  }

  check(record: StoredRecord): Validity {
    if (record.value === null) return 'tombstone';
    if (isFence(record)) {
      this.#epoch = epochOf(record);
      return 'fence';
    }
    if (record.headers[eventHeaders.epoch] !== this.#epoch) return 'stale';
    return record.headers[eventHeaders.expectedOffset] === String(record.offset) ? 'valid' : 'misplaced';
  }
}
