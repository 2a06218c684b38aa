import {
  entityKey,
  eventHeaders,
  eventSchemaVersion,
  isFence,
  isShardName,
  LogValidity,
  parseEventKey,
  type StoredRecord,
} from '#protocol';

/** One valid event record with what its key and headers say; its body is parsed only where it is needed. */
export interface EventEntry {
  readonly record: StoredRecord;
  readonly entity: string;
  readonly workflowId: string;
  readonly executionId?: string;
  readonly seq: number;
  readonly type: string;
}

/** Whether it is a fact of a workflow, or of a shard of one, rather than of an execution. */
export function isOfWorkflow(entry: EventEntry | undefined): boolean {
  return entry?.executionId === undefined || isShardName(entry.executionId);
}

/** A stretch of a partition's log after V1, by entity and in log order. */
export interface SortedRecords {
  readonly byEntity: ReadonlyMap<string, readonly EventEntry[]>;
  readonly fences: readonly StoredRecord[];
  readonly decided: readonly StoredRecord[];
  /** The epoch in force after the last record. */
  readonly epoch: string | undefined;
  readonly events: number;
  readonly skipped: number;
  /** A record that this version cannot read: the partition stops before it and skips nothing. */
  readonly unreadable?: { readonly offset: number; readonly reason: string };
}

/** Applies V1 and sorts what is valid by entity. `epoch`: the one in force before the first record. */
export function sortRecords(records: readonly StoredRecord[], epoch: string | undefined): SortedRecords {
  const validity = new LogValidity(epoch);
  const sorting = new Sorting();
  for (const record of records) {
    // Before V1 moves on: the epoch reported with an unreadable record is the one in force before it.
    const reason = unreadable(record);
    if (reason !== undefined) return { ...sorting.result(validity.epoch), unreadable: { offset: record.offset, reason } };
    const verdict = validity.check(record);
    if (verdict === 'valid') sorting.valid(record);
    else if (verdict === 'fence') sorting.fences.push(record);
    else sorting.skipped += 1;
  }
  return sorting.result(validity.epoch);
}

class Sorting {
  readonly fences: StoredRecord[] = [];
  readonly #byEntity = new Map<string, EventEntry[]>();
  readonly #decided: StoredRecord[] = [];
  #events = 0;
  skipped = 0;

  valid(record: StoredRecord): void {
    const type = record.headers[eventHeaders.type] ?? '';
    const key = parseEventKey(record.key);
    if (key === undefined) {
      if (type === 'Decided') this.#decided.push(record);
      else this.skipped += 1; // a fact of the partition that says nothing to the read model
      return;
    }
    const entity = entityKey(key.workflowId, key.executionId);
    const entries = this.#byEntity.get(entity);
    const entry = { record, entity, type, ...key };
    if (entries) entries.push(entry);
    else this.#byEntity.set(entity, [entry]);
    this.#events += 1;
  }

  result(epoch: string | undefined): SortedRecords {
    const { fences, skipped } = this;
    return { byEntity: this.#byEntity, decided: this.#decided, events: this.#events, fences, skipped, epoch };
  }
}

function unreadable(record: StoredRecord): string | undefined {
  if (record.value === null || isFence(record)) return undefined;
  const schema = record.headers[eventHeaders.schema];
  if (Number(schema) <= eventSchemaVersion) return undefined;
  return `record with schema ${schema ?? 'missing'} at offset ${record.offset}; this version reads ${eventSchemaVersion} and older`;
}
