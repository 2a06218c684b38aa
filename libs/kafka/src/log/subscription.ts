import type { RawRecord } from '#protocol';
import type { CommandSubscription, TransientError } from '#runtime';
import type { KafkaLog } from '../settings.js';
import { decodeBatches } from '../wire/batch-decoder.js';
import type { FetchLane, FetchSource, Want } from '../wire/fetch-lane.js';
import type { FetchedPart } from '../wire/fetch-request.js';

export interface SubscriptionListener<R> {
  /** A promise holds the partition back until it resolves; when it rejects, the subscription ends with `failed`. */
  records(records: readonly R[], nextOffset: number, highWatermark: number): void | Promise<void>;
  outOfRange(logStart: number, highWatermark: number): void;
  /** The broker could not be asked, or refused; reading goes on by itself. */
  interrupted?(): void;
  /** The listener itself failed; the subscription has ended. */
  failed?(error: unknown): void;
}

export interface SubscriptionPlace<R> {
  readonly topic: string;
  readonly partition: number;
  readonly fromOffset: number;
  readonly maxBytes: number;
  readonly decode: (record: RawRecord) => R;
  readonly log: KafkaLog;
}

/** A partition followed from an offset on, over a shared fetch lane. Nothing is delivered while paused or after `close`. */
export class Subscription<R> implements FetchSource, CommandSubscription {
  readonly topic: string;
  readonly partition: number;
  #offset: number;
  #highWatermark = 0;
  #paused = false;
  #held = false;
  #closed = false;

  constructor(
    private readonly lane: Pick<FetchLane, 'add' | 'remove' | 'wake'>,
    private readonly place: SubscriptionPlace<R>,
    private readonly listener: SubscriptionListener<R>,
  ) {
    this.topic = place.topic;
    this.partition = place.partition;
    this.#offset = place.fromOffset;
    this.lane.add(this);
  }

  get highWatermark(): number {
    return this.#highWatermark;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.lane.wake();
  }

  close(): void {
    this.#closed = true;
    this.lane.remove(this);
  }

  want(): Want | undefined {
    return this.#paused || this.#held ? undefined : { offset: this.#offset, maxBytes: this.place.maxBytes };
  }

  fetched(part: FetchedPart): void {
    this.#highWatermark = part.highWatermark;
    if (this.#paused || this.#closed) return; // asked for before the pause: fetched again after it
    try {
      const { records, nextOffset } = decodeBatches(part.batches, this.#offset, part.aborted);
      if (nextOffset === this.#offset) return;
      this.#offset = nextOffset;
      const taken = this.listener.records(records.map(this.place.decode), nextOffset, part.highWatermark);
      if (taken) this.#hold(taken);
    } catch (error) {
      this.#fail(error);
    }
  }

  outOfRange(logStart: number, highWatermark: number): void {
    if (this.#closed) return;
    this.#highWatermark = highWatermark;
    this.close();
    this.listener.outOfRange(logStart, highWatermark);
  }

  failed(error: TransientError): void {
    this.place.log('debug', 'reading waits for the broker', { topic: this.topic, partition: this.partition, error: error.message });
    if (!this.#closed) this.listener.interrupted?.();
  }

  #hold(taken: Promise<void>): void {
    this.#held = true;
    taken.then(
      () => {
        this.#held = false;
        if (!this.#closed) this.lane.wake();
      },
      (error: unknown) => this.#fail(error),
    );
  }

  #fail(error: unknown): void {
    this.close(); // nothing is skipped: whoever listens begins again where it knows it stands
    this.place.log('error', 'a reader failed and its subscription has ended', {
      topic: this.topic,
      partition: this.partition,
      offset: this.#offset,
      error: String(error),
    });
    this.listener.failed?.(error);
  }
}
