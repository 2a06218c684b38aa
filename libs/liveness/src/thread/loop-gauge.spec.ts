import { expect, test } from 'vitest';
import { LoopGauge } from './loop-gauge.js';

test('the age of the last turn grows while the main loop stands, and not while the whole process was away', () => {
  const turns = new SharedArrayBuffer(4);
  const count = new Int32Array(turns);
  const gauge = new LoopGauge(turns);
  gauge.look(200);
  gauge.look(200);
  expect(gauge.ageMs).toBe(400);
  Atomics.add(count, 0, 1);
  gauge.look(200);
  expect(gauge.ageMs).toBe(0);
  gauge.look(0); // it was stopped for a minute and wakes up: its main loop gets its chance
  expect(gauge.ageMs).toBe(0);
});
