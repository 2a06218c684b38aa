import type { LogRecord } from '#protocol';
import { type AppendOutcome, type Clock, type PartitionLog, type ReadOptions, type ReadOutcome, TransientError } from '#runtime';
import type { EventLogBroker } from './event-log-broker.js';
import { type AppendFault, faultlessLog, type LogFaults } from './log-faults.js';
import { later } from './virtual-clock.js';

export interface InMemoryPartitionLogOptions {
  readonly broker: EventLogBroker;
  /** The process's clock: answers and time-outs stop with it. */
  readonly clock: Clock;
  /** The broker's own: requests on their way arrive whatever became of the sender. Default: `clock`. */
  readonly wire?: Clock;
  readonly faults?: LogFaults;
  readonly appendTimeoutMs?: number;
}

/** One process's connection to an in-memory broker. */
export class InMemoryPartitionLog implements PartitionLog {
  readonly #broker: EventLogBroker;
  readonly #clock: Clock;
  readonly #wire: Clock;
  readonly #faults: LogFaults;
  readonly #appendTimeoutMs: number;

  constructor(options: InMemoryPartitionLogOptions) {
    this.#broker = options.broker;
    this.#clock = options.clock;
    this.#wire = options.wire ?? options.clock;
    this.#faults = options.faults ?? faultlessLog;
    this.#appendTimeoutMs = options.appendTimeoutMs ?? 3000;
  }

  append(partition: number, records: readonly LogRecord[]): Promise<AppendOutcome> {
    if (this.#broker.isTooLarge(records)) {
      return Promise.resolve({ status: 'notWritten', code: 'MESSAGE_TOO_LARGE', message: 'the batch is too large', tooLarge: true });
    }
    const fault = this.#faults.append(partition, records);
    return new Promise((resolve) => {
      if (fault.refuse !== undefined) {
        const outcome: AppendOutcome = { status: 'notWritten', ...fault.refuse };
        later(this.#clock, fault.answerMs === 'never' ? 0 : fault.answerMs, () => resolve(outcome));
        return;
      }
      const cancel = this.#clock.after(this.#appendTimeoutMs, () =>
        resolve({ status: 'unknown', code: 'TIMED_OUT', message: `no answer within ${this.#appendTimeoutMs} ms` }),
      );
      this.#send(partition, records, fault, (outcome) => {
        cancel();
        resolve(outcome);
      });
    });
  }

  #send(partition: number, records: readonly LogRecord[], fault: AppendFault, answer: (outcome: AppendOutcome) => void): void {
    const { deliverMs, answerMs, split } = fault;
    if (deliverMs === 'never') return;
    later(this.#wire, deliverMs, () => {
      const whole = split === undefined ? records : records.slice(0, split.at);
      const landed = this.#broker.append(partition, whole);
      if (split !== undefined && split.restAfterMs !== 'never') {
        later(this.#wire, split.restAfterMs, () => this.#broker.append(partition, records.slice(split.at)));
      }
      if (fault.duplicateAfterMs !== undefined) later(this.#wire, fault.duplicateAfterMs, () => this.#broker.append(partition, records));
      if (answerMs !== 'never') later(this.#clock, answerMs, () => answer({ status: 'appended', ...landed }));
    });
  }

  async read(partition: number, fromOffset: number, options: ReadOptions = {}): Promise<ReadOutcome> {
    const fault = this.#faults.read(partition, fromOffset);
    if (fault.delayMs > 0) await new Promise<void>((resolve) => later(this.#clock, fault.delayMs, resolve));
    if (fault.fail === true) throw new TransientError('the broker cannot be asked now');
    const maxBytes = Math.min(options.maxBytes ?? Number.POSITIVE_INFINITY, fault.maxBytes ?? Number.POSITIVE_INFINITY);
    const answer = this.#slice(partition, fromOffset, maxBytes);
    const wait = options.maxWaitMs ?? 0;
    if (wait <= 0 || answer.status !== 'read' || answer.records.length > 0 || options.signal?.aborted === true) return answer;
    await this.#change(partition, wait, options.signal);
    return this.#slice(partition, fromOffset, maxBytes);
  }

  #slice(partition: number, fromOffset: number, maxBytes: number): ReadOutcome {
    const slice = this.#broker.slice(partition, fromOffset, maxBytes);
    if (slice !== undefined) return { status: 'read', ...slice };
    const { logStart, end } = this.#broker.bounds(partition);
    return { status: 'outOfRange', logStart, highWatermark: end };
  }

  #change(partition: number, waitMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        stop();
        cancel();
        signal?.removeEventListener('abort', done);
        resolve();
      };
      // The waking itself goes through the process's clock: a stopped process notices later.
      const stop = this.#broker.onChange(partition, () => this.#clock.after(0, done));
      const cancel = this.#clock.after(waitMs, done);
      signal?.addEventListener('abort', done);
    });
  }
}
