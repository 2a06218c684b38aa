import { round } from './proc-meter.js';

/** Milliseconds from sending to the acknowledgement, and to the end. */
export interface Timing {
  readonly ack: number;
  readonly total: number;
}

/** Runs `count` operations, `inFlight` at a time, each started when another has ended. */
export async function closedLoop(count: number, inFlight: number, operation: (index: number) => Promise<Timing>) {
  const timings: Timing[] = [];
  let next = 0;
  let errors = 0;
  let firstError: string | undefined;
  const started = performance.now();
  const runner = async () => {
    while (next < count) {
      const index = next++;
      try {
        timings.push(await operation(index));
      } catch (error) {
        errors += 1;
        firstError ??= String(error).slice(0, 400);
      }
    }
  };
  await Promise.all(Array.from({ length: inFlight }, runner));
  const seconds = (performance.now() - started) / 1_000;
  return { count, inFlight, ...summary(timings, seconds), errors, ...(firstError === undefined ? {} : { firstError }) };
}

/** What came of operations that succeeded within `seconds`. */
export function summary(timings: readonly Timing[], seconds: number) {
  const acks = timings.map((timing) => timing.ack);
  const totals = timings.map((timing) => timing.total);
  return {
    perSecond: round(timings.length / seconds),
    ackP50: percentile(acks, 50),
    ackP99: percentile(acks, 99),
    endP50: percentile(totals, 50),
    endP99: percentile(totals, 99),
  };
}

export function percentile(values: readonly number[], p: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil((p / 100) * sorted.length) - 1))];
  return value === undefined ? null : round(value);
}

/** An operation that is over with its acknowledgement. */
export function timed(operation: (index: number) => Promise<unknown>) {
  return async (index: number): Promise<Timing> => {
    const started = performance.now();
    await operation(index);
    const ack = performance.now() - started;
    return { ack, total: ack };
  };
}
