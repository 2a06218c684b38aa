import type { AppendOutcome } from '#runtime';
import type { KafkaLog } from '../settings.js';
import { isRefusedBeforeAppend, isTooLarge, kafkaErrorName } from './error-codes.js';
import { encodeRecordBatch, type OutgoingRecord } from './record-batch.js';
import { type ProducedPartition, produceRequest } from './requests.js';
import type { Wire } from './wire.js';
import { within } from './within.js';

/** What the produce path needs of a wire. */
export type ProduceWire = Pick<Wire, 'leaderOf' | 'partitionsOf' | 'refresh' | 'send' | 'drop'>;

/** One send on its way. `outcome` of a merged send carries the offset of its own first record. */
export interface Send {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly OutgoingRecord[];
  readonly bytes: number;
  /** By `performance.now()`. */
  readonly deadline: number;
  flight: Flight | undefined;
  settle(outcome: AppendOutcome): void;
}

export interface FlightOptions {
  readonly acks: -1 | 1;
  readonly timeoutMs: number;
  readonly merge: boolean;
  readonly maxBatchBytes: number;
  readonly maxRequestBytes: number;
  readonly log: KafkaLog;
}

/** The sends' own timers say `TIMED_OUT`; the connection is dropped right after. */
const timersFirstMs = 20;

interface Slot {
  readonly topic: string;
  readonly partition: number;
  readonly sends: Send[];
  bytes: number;
  full: boolean;
}

/** One produce request to one leader, with at most one batch per partition. It is encoded once and written once (L4). */
export class Flight {
  readonly #slots = new Map<string, Slot>();
  #full = false;
  #abandoned = false;
  /** True from the moment at which the bytes may reach a socket. */
  #written = false;
  bytes = 0;
  /** Sends aboard. */
  sends = 0;

  constructor(
    readonly leader: number,
    private readonly options: FlightOptions,
  ) {}

  /** Takes a send along, or says no: then it waits for the next flight. Sends of one partition keep their order. */
  board(send: Send): boolean {
    this.#full ||= this.bytes > 0 && this.bytes + send.bytes > this.options.maxRequestBytes;
    if (this.#full) return false;
    const key = `${send.topic}/${send.partition}`;
    const slot = this.#slots.get(key);
    if (!slot) this.#slots.set(key, { topic: send.topic, partition: send.partition, sends: [send], bytes: send.bytes, full: false });
    else if (!this.#joins(slot, send)) return false;
    this.bytes += send.bytes;
    this.sends += 1;
    send.flight = this;
    return true;
  }

  #joins(slot: Slot, send: Send): boolean {
    slot.full ||= !this.options.merge || slot.bytes + send.bytes > this.options.maxBatchBytes;
    if (slot.full) return false;
    slot.sends.push(send);
    slot.bytes += send.bytes;
    return true;
  }

  /** Called when a send's time is up while it flies: nothing more is known, unless nothing was written yet. */
  expire(send: Send): void {
    if (!this.#written) this.#abandoned = true;
    send.settle(this.#lost('no answer in time', 'TIMED_OUT'));
  }

  /** Resolves with false when the leader or its connection is in trouble. Never rejects. */
  async fly(wire: ProduceWire): Promise<boolean> {
    const deadline = Math.max(...[...this.#slots.values()].flatMap((slot) => slot.sends.map((send) => send.deadline)));
    try {
      const request = produceRequest(this.#encode(), {
        acks: this.options.acks,
        timeoutMs: this.options.timeoutMs,
        beforeWrite: () => {
          if (this.#abandoned) throw new Error('given up before it was written'); // L4: what was reported as not written must never be
          this.#written = true;
        },
      });
      const produced = await within(
        wire.send(this.leader, request),
        Math.max(0, deadline - performance.now()) + timersFirstMs,
        'the produce request',
      );
      return this.#settle(produced);
    } catch (error) {
      return this.#fail(wire, error);
    }
  }

  #encode(): { topic: string; partition: number; bytes: Buffer }[] {
    const now = Date.now();
    return [...this.#slots.values()].map(({ topic, partition, sends }) => {
      const only = sends.length === 1 ? sends[0] : undefined;
      const records = only ? only.records : sends.flatMap((send) => send.records);
      return { topic, partition, bytes: encodeRecordBatch(records, now) };
    });
  }

  #settle(produced: readonly ProducedPartition[]): boolean {
    let healthy = true;
    for (const part of produced) {
      const slot = this.#slots.get(`${part.topic}/${part.partition}`);
      this.#slots.delete(`${part.topic}/${part.partition}`);
      if (part.errorCode !== 0 && !isRefusedBeforeAppend(part.errorCode)) healthy = false;
      if (slot) settleSlot(slot, part);
    }
    for (const slot of this.#slots.values()) {
      for (const send of slot.sends) send.settle(unknown('NO_ANSWER', 'the answer does not name the partition'));
    }
    return healthy;
  }

  #fail(wire: ProduceWire, error: unknown): false {
    wire.drop(this.leader);
    const message = error instanceof Error ? error.message : String(error);
    if (this.#written) this.options.log('warn', 'a produce request has no answer', { leader: this.leader, error: message });
    else this.#abandoned = true;
    const outcome = this.#lost(message, 'CONNECTION_LOST');
    for (const slot of this.#slots.values()) for (const send of slot.sends) send.settle(outcome);
    return false;
  }

  #lost(message: string, code: string): AppendOutcome {
    return this.#written ? unknown(code, message) : { status: 'notWritten', code: 'NOT_CONNECTED', message };
  }
}

function settleSlot(slot: Slot, part: ProducedPartition): void {
  let index = 0;
  for (const send of slot.sends) {
    send.settle(outcomeOf(part, index));
    index += send.records.length;
  }
}

function outcomeOf(part: ProducedPartition, index: number): AppendOutcome {
  const { errorCode, baseOffset, logAppendTime, topic, partition } = part;
  if (errorCode === 0) return { status: 'appended', baseOffset: baseOffset + index, timestamp: logAppendTime };
  const code = kafkaErrorName(errorCode);
  const message = `the broker answered ${code} for ${topic}/${partition}`;
  if (!isRefusedBeforeAppend(errorCode)) return unknown(code, message);
  return { status: 'notWritten', code, message, ...(isTooLarge(errorCode) ? { tooLarge: true } : {}) };
}

function unknown(code: string, message: string): AppendOutcome {
  return { status: 'unknown', code, message };
}
