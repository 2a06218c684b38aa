import { beforeEach, describe, expect, it, vi } from 'vitest';
import { StandDowns } from './stand-downs.js';

let now = 0;
const probe = vi.fn();
const decline = vi.fn();
const failed = vi.fn();
let standDowns: StandDowns;

beforeEach(() => {
  now = 100_000;
  vi.clearAllMocks();
  standDowns = new StandDowns({ now: () => now, probe, decline, failed });
});

describe('a partition that stood down', () => {
  it('begins anew after a pause that grows', () => {
    const pauses: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      standDowns.stoodDown(3);
      const from = now;
      while (!standDowns.mayBegin(3)) now += 1_000;
      pauses.push((now - from) / 1_000);
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    expect(standDowns.mayBegin(4)).toBe(true);
  });

  it('is offered to the others when beginning anew was in vain, while its neighbours get on', () => {
    standDowns.stoodDown(3);
    expect(probe).toHaveBeenCalledOnce();
    expect([decline.mock.calls, standDowns.declined]).toEqual([[], []]);
    now += 20_000;
    standDowns.appended(4);
    standDowns.stoodDown(3);
    expect(decline).toHaveBeenCalledOnce();
    expect(failed).not.toHaveBeenCalled();
    expect(standDowns.declined).toEqual([3]);
    expect(standDowns.trouble).toBe('nothing gets on in partitions 3');
  });

  it('begins its count anew once it has got on, or is somebody else’s', () => {
    standDowns.stoodDown(3);
    standDowns.appended(3);
    standDowns.stoodDown(3);
    standDowns.lost(3);
    standDowns.stoodDown(3);
    expect(decline).not.toHaveBeenCalled();
  });
});

describe('a process', () => {
  it('ends when a partition stood down twice and nothing was appended for any in between', () => {
    standDowns.appended(4);
    now += 60_000;
    standDowns.stoodDown(3);
    now += 20_000;
    standDowns.stoodDown(3);
    expect(failed).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ code: 'NO_PROGRESS', message: expect.stringContaining('20 s') }),
    );
    expect(decline).not.toHaveBeenCalled();
  });
});
