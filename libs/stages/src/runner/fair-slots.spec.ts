import { describe, expect, it } from 'vitest';
import { FairSlots } from './fair-slots.js';

function slotsWith(size: number, ...jobs: string[]): FairSlots<string> {
  const slots = new FairSlots<string>(size);
  for (const job of jobs) slots.add(job.charAt(0), job);
  return slots;
}

function fill(slots: FairSlots<string>): string[] {
  const taken: string[] = [];
  for (let job = slots.take(); job !== undefined; job = slots.take()) taken.push(job);
  return taken;
}

describe('fair slots', () => {
  it('give one workflow all ordinary slots where nobody else wants one, and no guest slot', () => {
    const slots = slotsWith(4, 'a1', 'a2', 'a3', 'a4', 'a5', 'a6');
    expect(fill(slots)).toEqual(['a1', 'a2', 'a3', 'a4']);
    expect([slots.running.size, slots.waiting, slots.waitingOf('a')]).toEqual([4, 2, 2]);
  });

  it('let a workflow in at once that holds nothing while another holds every slot', () => {
    const slots = slotsWith(2, 'a1', 'a2', 'a3');
    expect(fill(slots)).toEqual(['a1', 'a2']);
    slots.add('b', 'b1');
    slots.add('b', 'b2');
    expect(fill(slots)).toEqual(['b1']);
    slots.leave('b', 'b1');
    expect(fill(slots)).toEqual(['b2']);
  });

  it('bound the guests', () => {
    const slots = slotsWith(2, 'a1', 'a2');
    fill(slots);
    for (const job of ['b1', 'c1', 'd1']) slots.add(job.charAt(0), job);
    expect(fill(slots)).toEqual(['b1']);
  });

  it('give a free slot to the workflow that holds the fewest, however many wait', () => {
    const slots = slotsWith(4, 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7');
    fill(slots);
    for (const job of ['b1', 'b2', 'b3']) slots.add(job.charAt(0), job);
    expect(fill(slots)).toEqual(['b1']);
    for (const job of ['a1', 'a2']) slots.leave('a', job);
    expect(fill(slots)).toEqual(['b2']);
    slots.leave('a', 'a3');
    expect(fill(slots)).toEqual(['a5']); // b holds two, a one
  });

  it('forget a job that only waited', () => {
    const slots = slotsWith(1, 'a1', 'a2', 'a3');
    fill(slots);
    slots.leave('a', 'a2');
    expect(slots.drop()).toBe('a3');
    expect([slots.waiting, slots.running.size]).toEqual([0, 1]);
  });
});
