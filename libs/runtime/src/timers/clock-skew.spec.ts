import { describe, expect, it } from 'vitest';
import { ClockSkew } from './clock-skew.js';

/** A wall clock that somebody sets, beside time that only passes. */
function withClock() {
  const time = { wall: 5_000, passed: 70 };
  const clock = { now: () => time.wall, monotonic: () => time.passed, after: () => () => undefined };
  const skew = new ClockSkew(clock, 1_000);
  const pass = (ms: number) => {
    time.wall += ms;
    time.passed += ms;
  };
  /** An append that is answered after `tookMs` and was written at `brokerTime`. */
  const append = (brokerTime: number, tookMs: number) => {
    const sentAt = time.passed;
    pass(tookMs);
    skew.observe(sentAt, brokerTime);
  };
  return { time, skew, pass, append };
}

describe('the skew of the wall clock', () => {
  it('is none while the broker time lies between sending and answer', () => {
    const { skew, append } = withClock();
    append(5_003, 10);
    expect(skew.skewMs).toBe(0);
    append(5_010, 2_900); // a slow answer is no skew
    expect(skew.skewMs).toBe(0);
    expect(skew.isTooLarge).toBe(false);
  });

  it('tells a clock that runs ahead from one that runs behind', () => {
    const { skew, append } = withClock();
    append(3_500, 10);
    expect(skew.skewMs).toBe(1_500);
    expect(skew.isTooLarge).toBe(true);
    append(7_510, 10);
    expect(skew.skewMs).toBe(-2_490);
    expect(skew.isTooLarge).toBe(true);
  });

  it('shows a step at once, without another append', () => {
    const { time, skew, append, pass } = withClock();
    append(5_000, 0);
    pass(3_600_000);
    time.wall += 60_000;
    expect(skew.skewMs).toBe(60_000);
    expect(skew.isTooLarge).toBe(true);
    time.wall -= 60_000;
    expect(skew.isTooLarge).toBe(false);
  });
});

describe("the broker's time", () => {
  it('is unknown before the first append', () => {
    const { skew } = withClock();
    expect([skew.brokerTimeAtLeast, skew.brokerTimeAtMost, skew.skewMs]).toEqual([undefined, undefined, 0]);
  });

  it('lies between two bounds that go on with time and not with the wall clock', () => {
    const { time, skew, append, pass } = withClock();
    append(9_000, 40);
    pass(1_000);
    time.wall -= 30_000;
    expect([skew.brokerTimeAtLeast, skew.brokerTimeAtMost]).toEqual([10_000, 10_040]);
  });
});
