import { describe, expect, it } from 'vitest';
import { LoadMeter } from './load-meter.js';

const nothing: readonly number[] = [];

/** So many samples of 5 s with a steady rate on partition 3. */
function run(meter: LoadMeter, samples: number, events: number, stageMs = 0): void {
  for (let i = 0; i < samples; i += 1) {
    meter.appended(3, events);
    meter.stageRan(3, stageMs);
    meter.sample(5_000);
  }
}

describe('the load of a partition', () => {
  it('is not known before it has been here for half a minute', () => {
    const meter = new LoadMeter();
    meter.assigned({ gained: [3], lost: nothing });
    run(meter, 5, 500);
    expect(meter.loads().size).toBe(0);
    run(meter, 1, 500);
    expect(meter.loads().get(3)?.eventsPerSecond).toBeCloseTo(100);
  });

  it('is events and stage time per second', () => {
    const meter = new LoadMeter();
    meter.assigned({ gained: [3, 4], lost: nothing });
    run(meter, 30, 1_000, 2_500);
    expect(meter.loads().get(3)?.eventsPerSecond).toBeCloseTo(200);
    expect(meter.loads().get(3)?.stageMsPerSecond).toBeCloseTo(500);
    expect(meter.loads().get(4)).toEqual({ eventsPerSecond: 0, stageMsPerSecond: 0 });
  });

  it('follows a change within a few minutes and not at once', () => {
    const meter = new LoadMeter();
    meter.assigned({ gained: [3], lost: nothing });
    run(meter, 60, 0);
    run(meter, 1, 5_000);
    expect(meter.loads().get(3)?.eventsPerSecond).toBeLessThan(100);
    run(meter, 60, 5_000);
    expect(meter.loads().get(3)?.eventsPerSecond).toBeGreaterThan(980);
  });

  it('is measured anew when the partition comes back, and forgotten when it goes', () => {
    const meter = new LoadMeter();
    meter.assigned({ gained: [3], lost: nothing });
    run(meter, 10, 500);
    meter.assigned({ gained: [3], lost: [3] });
    expect(meter.loads().size).toBe(0);
    run(meter, 10, 500);
    meter.assigned({ gained: nothing, lost: [3] });
    expect(meter.loads().size).toBe(0);
  });
});
