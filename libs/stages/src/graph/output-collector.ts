import type { Json } from '#core';
import { type Batch, NodeFailure } from '#nodes';

/** Gathers the records of a node that has no sink behind it: they are the node's output. */
export class OutputCollector {
  private records: Json[] = [];
  private bytes = 2;
  private overflowed = false;

  constructor(
    /** True when something after the stage needs these records: then they must fit. */
    private readonly needed: boolean,
    private readonly maxBytes: number,
  ) {}

  add(batch: Batch): void {
    for (const record of batch) {
      if (this.overflowed) return;
      this.bytes += JSON.stringify(record).length + 1;
      if (this.bytes > this.maxBytes) this.overflow();
      else this.records.push(record);
    }
  }

  /** The records; undefined when there were too many to show. */
  output(): Json | undefined {
    return this.overflowed ? undefined : this.records;
  }

  /** Null once there were too many. */
  state(): readonly Json[] | null {
    return this.overflowed ? null : this.records.slice();
  }

  restore(records: readonly Json[] | null): void {
    if (records === null) this.overflowed = true;
    else this.add(records);
  }

  private overflow(): void {
    if (this.needed) {
      const message = `more than ${this.maxBytes} bytes of records leave the stage; aggregate them or write them to a file`;
      throw new NodeFailure('OUTPUT_TOO_LARGE', message, { retryable: false });
    }
    this.overflowed = true;
    this.records = [];
  }
}
