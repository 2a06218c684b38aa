import { describe, expect, it } from 'vitest';
import { FairQueue } from './fair-queue.js';

function queueOf(...items: string[]): FairQueue<string> {
  const queue = new FairQueue<string>();
  for (const item of items) queue.add(item.charAt(0), item);
  return queue;
}

function drain(queue: FairQueue<string>): string[] {
  const items: string[] = [];
  for (let next = queue.next(() => 0); next !== undefined; next = queue.next(() => 0)) items.push(next.item);
  return items;
}

describe('the fair queue', () => {
  it('takes items in turn from one key after the other, oldest first', () => {
    const queue = queueOf('a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1');
    expect(drain(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4']);
    expect(queue.size).toBe(0);
  });

  it('lets a newcomer wait one turn of the others at most', () => {
    const queue = queueOf('a1', 'a2', 'b1', 'b2');
    expect(queue.next(() => 0)?.item).toBe('a1');
    queue.add('c', 'c1');
    expect(drain(queue)).toEqual(['b1', 'a2', 'c1', 'b2']);
  });

  it('prefers the lowest rank and passes over those above the limit', () => {
    const queue = queueOf('a1', 'b1', 'c1');
    const rank = (key: string) => ({ a: 3, b: 1 })[key] ?? 2;
    expect(queue.next(rank, 0)).toBeUndefined();
    expect(queue.next(rank)?.item).toBe('b1');
    expect(queue.next(rank, 2)?.item).toBe('c1');
    expect(queue.next(rank, 2)).toBeUndefined();
    expect(queue.next(rank)?.item).toBe('a1');
  });

  it('takes items out from anywhere and says how many wait by key', () => {
    const queue = queueOf('a1', 'a2', 'a3', 'a4', 'b1');
    for (const item of ['a2', 'a1', 'a4']) expect(queue.remove('a', item)).toBe(true);
    expect(queue.remove('a', 'a1')).toBe(false);
    expect(queue.remove('b', 'b1')).toBe(true);
    expect([queue.sizeOf('a'), queue.sizeOf('b'), queue.size]).toEqual([1, 0, 1]);
    queue.add('a', 'a5');
    expect(drain(queue)).toEqual(['a3', 'a5']);
  });
});
