import type { AppendOutcome } from '#runtime';
import type { KafkaLog } from '../settings.js';
import { Flight, type ProduceWire, type Send } from './flight.js';
import { type OutgoingRecord, outgoingSize } from './record-batch.js';

export interface ProduceLaneOptions {
  readonly acks: -1 | 1;
  /** From the call to the outcome, ms. */
  readonly timeoutMs: number;
  /** Sends of one partition that wait together go into one batch. Never for the event log: there one append is one batch (L3). */
  readonly merge: boolean;
  readonly maxBatchBytes: number;
  readonly maxQueuedBytes: number;
  /** While several sends share a request, the next one waits this long for more of them; a lone send never waits. Absent = no waiting. */
  readonly lingerMs?: number;
  readonly log: KafkaLog;
}

const maxRequestBytes = 8 * 1024 * 1024;
const refreshPauseMs = 100;

/**
 * The produce path: one request in flight per leader; what comes meanwhile gathers for the next. A send is written to a socket at most once,
 * whatever happens (L4): an answer that never came, a cut connection and a time-out are `unknown`, and what was surely never written is `notWritten`.
 */
export class ProduceLane {
  readonly #wire: ProduceWire;
  readonly #options: ProduceLaneOptions;
  readonly #busy = new Set<number>();
  #waiting: Send[] = [];
  #queuedBytes = 0;
  #pumping = false;
  #refreshTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(wire: ProduceWire, options: ProduceLaneOptions) {
    this.#wire = wire;
    this.#options = options;
  }

  /** Never rejects; resolves within `timeoutMs`. */
  send(topic: string, partition: number, records: readonly OutgoingRecord[]): Promise<AppendOutcome> {
    const bytes = records.reduce((sum, record) => sum + outgoingSize(record), 0);
    if (this.#closed) return Promise.resolve(refused('CLOSED', 'the connection is closed'));
    if (bytes > this.#options.maxBatchBytes) return Promise.resolve(this.#tooLarge(bytes));
    if (this.#queuedBytes + bytes > this.#options.maxQueuedBytes) {
      return Promise.resolve(refused('QUEUE_FULL', `${this.#queuedBytes} bytes wait for Kafka already`));
    }
    return new Promise((resolve) => this.#enqueue({ topic, partition, records, bytes }, resolve));
  }

  /** Refuses what waits; what is in flight becomes `unknown` when the wire is closed. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#refreshTimer);
    for (const send of this.#waiting) send.settle(refused('CLOSED', 'the connection was closed before it was written'));
    this.#waiting = [];
  }

  #enqueue(what: Pick<Send, 'topic' | 'partition' | 'records' | 'bytes'>, resolve: (outcome: AppendOutcome) => void): void {
    const timer = setTimeout(() => this.#expire(send), this.#options.timeoutMs);
    const send: Send = {
      ...what,
      deadline: performance.now() + this.#options.timeoutMs,
      flight: undefined,
      settle: (outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      },
    };
    this.#queuedBytes += send.bytes;
    this.#waiting.push(send);
    this.#pumpSoon();
  }

  #expire(send: Send): void {
    if (send.flight) {
      send.flight.expire(send);
      return;
    }
    this.#waiting = this.#waiting.filter((other) => other !== send);
    this.#queuedBytes -= send.bytes;
    send.settle(
      refused('NOT_SENT_IN_TIME', `no leader of ${send.topic}/${send.partition} could be reached in ${this.#options.timeoutMs} ms`),
    );
  }

  /** Once per turn of the event loop, so that sends of the same turn share a request. */
  #pumpSoon(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#closed) return;
    const flights = new Map<number, Flight>();
    const left: Send[] = [];
    for (const send of this.#waiting) {
      const leader = this.#wire.leaderOf(send.topic, send.partition);
      if (leader === undefined) this.#refreshSoon();
      if (leader === undefined || this.#busy.has(leader) || !this.#board(flights, leader, send)) left.push(send);
    }
    this.#waiting = left;
    for (const flight of flights.values()) this.#launch(flight);
  }

  #board(flights: Map<number, Flight>, leader: number, send: Send): boolean {
    const flight = flights.get(leader) ?? new Flight(leader, { ...this.#options, maxRequestBytes });
    flights.set(leader, flight);
    return flight.board(send);
  }

  #launch(flight: Flight): void {
    this.#busy.add(flight.leader);
    void flight.fly(this.#wire).then((healthy) => {
      this.#busy.delete(flight.leader);
      this.#queuedBytes -= flight.bytes;
      if (!healthy) this.#refreshSoon();
      if (this.#options.lingerMs !== undefined && flight.sends > 1) this.#linger(this.#options.lingerMs);
      else if (this.#waiting.length > 0) this.#pumpSoon();
    });
  }

  /** Fewer, fuller requests under load: most of a small request's cost is the request. */
  #linger(lingerMs: number): void {
    if (this.#pumping) return;
    this.#pumping = true;
    setTimeout(() => {
      this.#pumping = false;
      this.#pump();
    }, lingerMs);
  }

  #refreshSoon(): void {
    if (this.#refreshTimer || this.#closed) return;
    const refreshed = (): void => {
      this.#refreshTimer = undefined;
      if (this.#waiting.length > 0) this.#pumpSoon();
    };
    this.#refreshTimer = setTimeout(
      () => {
        this.#wire.refresh().then(refreshed, (error: unknown) => {
          this.#options.log('warn', 'no broker answers; sends wait', { error: String(error) });
          refreshed();
        });
      },
      this.#wire.partitionsOf(this.#waiting[0]?.topic ?? '') === 0 ? 0 : refreshPauseMs,
    );
  }

  #tooLarge(bytes: number): AppendOutcome {
    const message = `${bytes} encoded bytes pass the limit of ${this.#options.maxBatchBytes} for one batch`;
    return { status: 'notWritten', code: 'BATCH_TOO_LARGE', message, tooLarge: true };
  }
}

function refused(code: string, message: string): AppendOutcome {
  return { status: 'notWritten', code, message };
}
