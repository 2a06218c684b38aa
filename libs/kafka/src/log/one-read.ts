import type { RawRecord } from '#protocol';
import { FatalError, type ReadOptions, TransientError } from '#runtime';
import { decodeBatches } from '../wire/batch-decoder.js';
import type { FetchLane, FetchSource, Want } from '../wire/fetch-lane.js';
import type { FetchedPart } from '../wire/fetch-request.js';

export type RawRead =
  | {
      readonly status: 'read';
      readonly records: readonly RawRecord[];
      readonly nextOffset: number;
      readonly highWatermark: number;
      readonly logStart: number;
    }
  | { readonly status: 'outOfRange'; readonly logStart: number; readonly highWatermark: number };

const defaultMaxBytes = 1024 * 1024;

/** One read of a partition: resolves with the first records that come, or empty when `maxWaitMs` is over. Rejects with TransientError, and with FatalError (LOG_UNREADABLE) where the bytes make no sense. */
export function readOnce(
  lane: Pick<FetchLane, 'add' | 'remove'>,
  place: { readonly topic: string; readonly partition: number; readonly fromOffset: number },
  options: ReadOptions,
): Promise<RawRead> {
  return new Promise((resolve, reject) => new OneRead(lane, place, options, { resolve, reject }).start());
}

class OneRead implements FetchSource {
  readonly topic: string;
  readonly partition: number;
  #offset: number;
  readonly #giveUpAt: number;

  constructor(
    private readonly lane: Pick<FetchLane, 'add' | 'remove'>,
    place: { readonly topic: string; readonly partition: number; readonly fromOffset: number },
    private readonly options: ReadOptions,
    private readonly settle: { resolve(read: RawRead): void; reject(error: Error): void },
  ) {
    this.topic = place.topic;
    this.partition = place.partition;
    this.#offset = place.fromOffset;
    this.#giveUpAt = performance.now() + (options.maxWaitMs ?? 0);
  }

  start(): void {
    if (this.options.signal?.aborted) {
      this.#abort();
      return;
    }
    this.options.signal?.addEventListener('abort', this.#abort, { once: true });
    this.lane.add(this);
  }

  want(): Want {
    const maxWaitMs = Math.max(0, this.#giveUpAt - performance.now());
    return { offset: this.#offset, maxBytes: this.options.maxBytes ?? defaultMaxBytes, maxWaitMs };
  }

  fetched(part: FetchedPart): void {
    const decoded = this.#decode(part);
    if (decoded === undefined) return;
    const { records, nextOffset } = decoded;
    this.#offset = nextOffset;
    if (records.length === 0 && performance.now() < this.#giveUpAt) return; // the lane asks again
    this.#end();
    this.settle.resolve({ status: 'read', records, nextOffset, highWatermark: part.highWatermark, logStart: part.logStart });
  }

  /** What cannot be decoded is this reader's trouble only: thrown into the lane, it would be that of every partition on the leader. */
  #decode(part: FetchedPart): ReturnType<typeof decodeBatches> | undefined {
    try {
      return decodeBatches(part.batches, this.#offset, part.aborted);
    } catch (error) {
      this.#end();
      const where = `${this.topic}/${this.partition} cannot be read at ${this.#offset}`;
      this.settle.reject(new FatalError('LOG_UNREADABLE', `${where}: ${error instanceof Error ? error.message : String(error)}`));
      return undefined;
    }
  }

  outOfRange(logStart: number, highWatermark: number): void {
    this.#end();
    this.settle.resolve({ status: 'outOfRange', logStart, highWatermark });
  }

  failed(error: TransientError): void {
    this.#end();
    this.settle.reject(error);
  }

  readonly #abort = (): void => this.failed(new TransientError('the read was given up'));

  #end(): void {
    this.options.signal?.removeEventListener('abort', this.#abort);
    this.lane.remove(this);
  }
}
