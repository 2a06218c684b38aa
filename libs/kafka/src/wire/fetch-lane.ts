import { TransientError } from '#runtime';
import type { KafkaLog } from '../settings.js';
import { kafkaErrorName, kafkaErrors } from './error-codes.js';
import { type FetchedPart, type FetchPart, fetchRequest } from './fetch-request.js';
import { OffsetLookup } from './offset-lookup.js';
import type { Wire } from './wire.js';
import { pause, within } from './within.js';

/** What the fetch path needs of a wire. */
export type FetchWire = Pick<Wire, 'leaderOf' | 'refresh' | 'send' | 'drop'>;

export interface Want {
  readonly offset: number;
  readonly maxBytes: number;
  /** Longest wait for an answer with nothing in it, ms; absent = the lane's. */
  readonly maxWaitMs?: number;
}

/** Something that wants a partition's records from an offset on. Its methods must not throw. */
export interface FetchSource {
  readonly topic: string;
  readonly partition: number;
  /** What to fetch next; undefined = leave it out of this round. */
  want(): Want | undefined;
  fetched(part: FetchedPart): void;
  outOfRange(logStart: number, highWatermark: number): void;
  /** The broker cannot be asked now. The lane tries again by itself for as long as the source stays. */
  failed(error: TransientError): void;
}

export interface FetchLaneOptions {
  /** How long the broker may hold an empty answer, ms: new sources wait as long at most. */
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  readonly committedOnly: boolean;
  readonly log: KafkaLog;
}

type Round = Map<FetchSource, FetchPart & Want>;

const answerMarginMs = 3_000;
const firstBackoffMs = 50;
const maxBackoffMs = 1_000;

/** The fetch path: one long poll per leader over all sources that want something. Stopped only by `close`, never by a rebalance. */
export class FetchLane {
  readonly #wire: FetchWire;
  readonly #options: FetchLaneOptions;
  readonly #asks: FetchWire;
  readonly #offsets: OffsetLookup;
  readonly #sources = new Set<FetchSource>();
  /** Sources that are new and have not come to their end yet. */
  readonly #fresh = new Set<FetchSource>();
  readonly #asking = new Set<number>();
  readonly #fetching = new Set<FetchSource>();
  readonly #reporting = new Set<FetchSource>();
  readonly #loops = new Set<number>();
  readonly #stop = new AbortController();
  #rotation = 0;
  #failures = 0;
  #recovering = false;

  /** `asks`: connections of their own for what must not wait behind a long poll: bounds, and what new sources find in the log already. */
  constructor(wire: FetchWire, options: FetchLaneOptions, asks: FetchWire = wire) {
    this.#wire = wire;
    this.#options = options;
    this.#asks = asks;
    this.#offsets = new OffsetLookup(asks);
  }

  add(source: FetchSource): void {
    this.#sources.add(source);
    if (this.#asks !== this.#wire) this.#fresh.add(source);
    this.wake();
  }

  remove(source: FetchSource): void {
    this.#sources.delete(source);
    this.#fresh.delete(source);
  }

  /** Tells the lane that a source may want something again. */
  wake(): void {
    if (this.#stop.signal.aborted) return;
    let homeless = false;
    for (const source of this.#sources) {
      const leader = this.#wire.leaderOf(source.topic, source.partition);
      if (leader === undefined) homeless = true;
      else if (this.#reporting.has(source) || this.#fetching.has(source) || !source.want()) continue;
      else if (!this.#loops.has(leader)) this.#start(leader);
      else if (this.#fresh.has(source) && !this.#asking.has(leader)) void this.#askAhead(leader);
    }
    if (homeless && !this.#recovering) void this.#recover();
  }

  /** First offset and the one behind the last record. Rejects with TransientError. */
  bounds(topic: string, partition: number): Promise<{ logStart: number; highWatermark: number }> {
    return this.#offsets.bounds(topic, partition);
  }

  close(): void {
    this.#stop.abort();
    for (const source of this.#sources) source.failed(new TransientError('the connection is closed'));
    this.#sources.clear();
    this.#fresh.clear();
  }

  #start(leader: number): void {
    this.#loops.add(leader);
    void this.#loop(leader).finally(() => {
      this.#loops.delete(leader);
      this.wake();
    });
  }

  async #loop(leader: number): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const round = this.#round(leader);
      if (round.size === 0) return;
      const healthy = await this.#fetch(leader, round);
      for (const source of round.keys()) this.#fetching.delete(source);
      if (healthy) this.#failures = 0;
      else await this.#recover();
    }
  }

  /** While a long poll is under way, new sources get what is there already, round by round, until they come to their end and join it. */
  async #askAhead(leader: number): Promise<void> {
    this.#asking.add(leader);
    for (let fresh = this.#round(leader, this.#fresh); fresh.size > 0; fresh = this.#round(leader, this.#fresh)) {
      const before = new Map([...fresh.keys()].map((source) => [source, source.want()?.offset]));
      const healthy = await this.#fetch(leader, fresh, { wire: this.#asks, maxWaitMs: 0 });
      for (const source of fresh.keys()) {
        this.#fetching.delete(source);
        if (!healthy || source.want()?.offset === before.get(source)) this.#fresh.delete(source);
      }
    }
    this.#asking.delete(leader);
    this.wake();
  }

  /** Starts at another source each time: the broker fills an answer in the order asked for. */
  #round(leader: number, among: ReadonlySet<FetchSource> = this.#sources): Round {
    const round = new Map();
    const all = [...among];
    this.#rotation += 1;
    for (let index = 0; index < all.length; index += 1) {
      const source = all[(index + this.#rotation) % all.length];
      if (
        !source ||
        this.#fetching.has(source) ||
        this.#reporting.has(source) ||
        this.#wire.leaderOf(source.topic, source.partition) !== leader
      )
        continue;
      const want = source.want();
      if (!want) continue;
      this.#fetching.add(source);
      round.set(source, { topic: source.topic, partition: source.partition, ...want });
    }
    return round;
  }

  async #fetch(leader: number, round: Round, by = { wire: this.#wire, maxWaitMs: this.#options.maxWaitMs }): Promise<boolean> {
    try {
      const parts = [...round.values()];
      if (by.wire !== this.#wire) await this.#acquaint(parts, leader);
      const maxWaitMs = Math.min(by.maxWaitMs, ...parts.map((part) => part.maxWaitMs ?? this.#options.maxWaitMs));
      const request = fetchRequest(parts, { ...this.#options, maxWaitMs });
      const response = await within(by.wire.send(leader, request), maxWaitMs + answerMarginMs, 'the fetch request');
      if (response.errorCode !== 0) throw new TransientError(`the fetch was answered ${kafkaErrorName(response.errorCode)}`);
      return this.#deliver(response.parts, round);
    } catch (error) {
      by.wire.drop(leader);
      const trouble = error instanceof TransientError ? error : new TransientError(String(error), { cause: error });
      for (const source of round.keys()) if (this.#sources.has(source)) source.failed(trouble);
      return false;
    }
  }

  /** The second set of connections learns where the leader is when it is first needed, and when leaders have moved. */
  async #acquaint(parts: readonly FetchPart[], leader: number): Promise<void> {
    const isKnown = parts.every(({ topic, partition }) => this.#asks.leaderOf(topic, partition) === leader);
    if (!isKnown) await this.#asks.refresh();
  }

  #deliver(parts: readonly FetchedPart[], round: Round): boolean {
    let healthy = true;
    const byPlace = new Map(parts.map((part) => [`${part.topic}/${part.partition}`, part]));
    for (const source of round.keys()) {
      const part = byPlace.get(`${source.topic}/${source.partition}`);
      if (!part || !this.#sources.has(source)) continue;
      if (part.errorCode === 0) source.fetched(part);
      else if (part.errorCode === kafkaErrors.offsetOutOfRange) void this.#report(source);
      else {
        healthy = false;
        source.failed(new TransientError(`${source.topic}/${source.partition}: ${kafkaErrorName(part.errorCode)}`));
      }
    }
    return healthy;
  }

  async #report(source: FetchSource): Promise<void> {
    this.#reporting.add(source); // no second fetch until the bounds are known
    try {
      const { logStart, highWatermark } = await this.bounds(source.topic, source.partition);
      if (this.#sources.has(source)) source.outOfRange(logStart, highWatermark);
    } catch (error) {
      source.failed(error instanceof TransientError ? error : new TransientError(String(error), { cause: error }));
    } finally {
      this.#reporting.delete(source);
      this.wake();
    }
  }

  async #recover(): Promise<void> {
    if (this.#recovering) return pause(firstBackoffMs, this.#stop.signal);
    this.#recovering = true;
    const backoff = Math.min(maxBackoffMs, firstBackoffMs * 2 ** Math.min(this.#failures, 6)) * (0.5 + Math.random() / 2);
    if (this.#failures > 0) await pause(backoff, this.#stop.signal);
    this.#failures += 1;
    try {
      await this.#wire.refresh();
    } catch (error) {
      this.#options.log('warn', 'no broker answers; reading waits', { error: String(error) });
    }
    this.#recovering = false;
    this.wake();
  }
}
