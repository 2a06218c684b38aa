import { setTimeout as pause } from 'node:timers/promises';
import { summary, type Timing } from './closed-loop.js';

/** Starts `count` operations at `perSecond`, whether earlier ones have ended or not (an open loop); resolves when all have ended. */
export async function pacedLoop(count: number, perSecond: number, operation: (index: number) => Promise<Timing>) {
  const timings: Timing[] = [];
  const running: Promise<void>[] = [];
  let errors = 0;
  const started = performance.now();
  for (let index = 0; index < count; index += 1) {
    const early = started + (index * 1_000) / perSecond - performance.now();
    if (early > 1) await pause(early);
    running.push(
      operation(index).then(
        (timing) => void timings.push(timing),
        () => {
          errors += 1;
        },
      ),
    );
  }
  await Promise.all(running);
  return { count, ratePerSecond: Math.round(perSecond), ...summary(timings, (performance.now() - started) / 1_000), errors };
}
