import type { EpochMs, JsonObject } from '#core';
import { BestEffortQueue } from './best-effort-queue.js';
import type { Query, QueryRunner } from './postgres-pool.js';

/** Something that an engine saw happen to the group. */
export interface ClusterRecord {
  /** The same happening has the same id whoever saw it: the earliest start, the latest end and every field are kept. */
  readonly id: string;
  readonly kind: 'migration' | 'failover' | 'rebalance' | 'member.joined' | 'member.left' | 'member.suspected';
  readonly partition?: number;
  /** The epoch that began with it. */
  readonly epoch?: string;
  readonly startAt: EpochMs;
  /** Absent for what has no length. */
  readonly endAt?: EpochMs;
  readonly body: JsonObject;
}

export interface ClusterRecordOptions {
  /** Records waiting to be written, at most; further ones are dropped. */
  readonly maxQueued?: number;
  /** Told when records were lost. */
  readonly onLost: (count: number, reason: string) => void;
}

const recordsPerWrite = 200;
const retryMs = 1_000;
const closeBoundMs = 1_000;
const keptMs = 30 * 86_400_000;

/** Records of the group: written in order, best effort, again after a second while the database is away. */
export class ClusterRecordStore {
  readonly #queue: BestEffortQueue<ClusterRecord>;
  readonly #maxQueued: number;
  #isClosed = false;
  #isSwept = false;

  constructor(
    private readonly db: QueryRunner,
    private readonly options: ClusterRecordOptions,
  ) {
    this.#maxQueued = options.maxQueued ?? 5_000;
    this.#queue = new BestEffortQueue({
      maxQueued: this.#maxQueued,
      perWrite: recordsPerWrite,
      gatherMs: 0,
      retryMs,
      closeWithinMs: closeBoundMs,
      write: (records) => this.#insert(records),
      lost: options.onLost,
    });
  }

  /** Never waits and never throws. */
  write(record: ClusterRecord): void {
    if (this.#isClosed) this.options.onLost(1, 'the process ends');
    else if (!this.#queue.add(record)) this.options.onLost(1, `${this.#maxQueued} records wait already`);
  }

  /** Writes what waits, at most one second, and stops. */
  close(): Promise<void> {
    this.#isClosed = true;
    return this.#queue.close();
  }

  async #insert(records: readonly ClusterRecord[]): Promise<void> {
    for (const record of records) await this.db.rows(insertQuery(record), 'recording what happened to the group');
    if (!this.#isSwept) await this.db.rows(sweepQuery(Date.now() - keptMs), 'dropping old records of the group');
    this.#isSwept = true;
  }
}

/** Twice is once: what is there stays, what it lacks is added. */
function insertQuery({ id, kind, partition, epoch, startAt, endAt, body }: ClusterRecord): Query {
  return {
    name: 'record-of-group',
    text: `insert into cluster_records as stored (id, kind, partition, epoch, start_at, end_at, body)
      values ($1, $2, $3, $4, $5, $6, $7::jsonb)
      on conflict (id) do update set start_at = least(stored.start_at, excluded.start_at),
        end_at = greatest(stored.end_at, excluded.end_at), body = excluded.body || stored.body`,
    values: [
      id,
      kind,
      partition ?? null,
      epoch ?? null,
      Math.round(startAt),
      endAt === undefined ? null : Math.round(endAt),
      JSON.stringify(body),
    ],
  };
}

function sweepQuery(before: EpochMs): Query {
  return { text: 'delete from cluster_records where start_at < $1', values: [before] };
}
