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

  describe('with jobs that compute', () => {
    function computingSlots(size: number, processors: number, ...jobs: string[]): FairSlots<string> {
      const slots = new FairSlots<string>(size, { size: processors, computes: (job) => job.endsWith('!') });
      for (const job of jobs) slots.add(job.charAt(0), job);
      return slots;
    }

    it('run no more of them at once than there are processors, and the others in the slots that stay free', () => {
      const slots = computingSlots(4, 1, 'a1!', 'a2!', 'a3!', 'a4', 'a5', 'a6', 'a7');
      expect(fill(slots)).toEqual(['a1!', 'a4', 'a5', 'a6']);
      expect([slots.waitingOf('a'), slots.awaitsProcessor]).toEqual([3, true]);
      slots.leave('a', 'a1!');
      slots.leave('a', 'a4');
      expect(fill(slots).sort()).toEqual(['a2!', 'a7']);
    });

    it('let one in at once whose workflow holds nothing, and bound those guests', () => {
      const slots = computingSlots(4, 1, 'a1!', 'a2!', 'b1!', 'b2!', 'c1!', 'd1!');
      expect(fill(slots)).toEqual(['a1!', 'b1!', 'c1!']);
      slots.leave('a', 'a1!');
      expect(fill(slots)).toEqual(['d1!']);
      slots.leave('b', 'b1!');
      slots.leave('c', 'c1!');
      expect(fill(slots)).toEqual(['a2!', 'b2!']);
    });

    it('serve both kinds in turn, so that neither waits for the end of the other', () => {
      const slots = computingSlots(2, 2, 'a1', 'a2', 'a3', 'a4', 'a5!', 'b1!', 'b2!', 'b3!');
      expect(fill(slots)).toHaveLength(2);
      const order: string[] = [];
      for (let i = 0; i < 6; i += 1) {
        const [job = ''] = slots.running;
        slots.leave(job.charAt(0), job);
        order.push(...fill(slots));
      }
      expect(order.filter((job) => job.startsWith('b'))).toEqual(['b2!', 'b3!']);
      expect(order.slice(0, 4).filter((job) => job.startsWith('a')).length).toBeGreaterThan(0);
    });

    it('notice one that runs and begins to compute', () => {
      const busy = new Set<string>(['a2', 'a3']);
      const slots = new FairSlots<string>(4, { size: 1, computes: (job) => busy.has(job) });
      for (const job of ['a1', 'a2', 'a3']) slots.add('a', job);
      busy.add('a1');
      expect(fill(slots)).toEqual(['a1']);
      busy.delete('a1'); // it waits for something now
      expect(fill(slots)).toEqual(['a2']);
    });

    it('forget those that only waited', () => {
      const slots = computingSlots(1, 1, 'a1!', 'a2!', 'a3!');
      fill(slots);
      slots.leave('a', 'a2!');
      expect(slots.drop()).toBe('a3!');
      expect([slots.waiting, slots.awaitsProcessor]).toEqual([0, false]);
    });
  });
});
