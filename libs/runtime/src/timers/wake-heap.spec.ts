import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WakeHeap } from './wake-heap.js';

describe('the wake heap', () => {
  it('gives what is due, earliest first, and no more than asked', () => {
    const heap = new WakeHeap();
    heap.arm('a', 30);
    heap.arm('b', 10);
    heap.arm('c', 20);
    expect(heap.earliest).toBe(10);
    expect(heap.takeDue(25, 10)).toEqual(['b', 'c']);
    expect(heap.takeDue(100, 0)).toEqual([]);
    expect(heap.takeDue(100, 10)).toEqual(['a']);
    expect(heap.earliest).toBeUndefined();
  });

  it('replaces the time of a key and forgets a disarmed one', () => {
    const heap = new WakeHeap();
    heap.arm('a', 10);
    heap.arm('a', 50);
    heap.arm('b', 20);
    heap.arm('b', undefined);
    expect(heap.earliest).toBe(50);
    expect(heap.takeDue(40, 10)).toEqual([]);
    expect(heap.takeDue(50, 10)).toEqual(['a']);
  });

  it('agrees with a sorted list', () => {
    const change = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.option(fc.integer({ min: 0, max: 99 }), { nil: undefined }));
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const heap = new WakeHeap();
        const model = new Map<string, number>();
        for (const [key, at] of changes) {
          heap.arm(`${key}`, at);
          if (at === undefined) model.delete(`${key}`);
          else model.set(`${key}`, at);
        }
        const times = heap.takeDue(100, 1_000).map((key) => model.get(key));
        expect(times).toEqual([...model.values()].sort((a, b) => a - b));
      }),
    );
  });
});
