import { describe, expect, test } from 'vitest';
import { SeededRandom } from '#testing/memory';
import { drawStanding, StoryTeller } from '../program/story.js';
import { FaultPlan, faultText } from './fault-plan.js';

const faultsOf = (seed: number, count: number, gentle = false) => {
  const plan = new FaultPlan(seed, gentle);
  return Array.from({ length: count }, () => plan.next());
};

function storiesOf(seed: number): string {
  const random = new SeededRandom(seed);
  const teller = new StoryTeller(random.fork(), 'c', drawStanding(random.fork(), 14));
  return JSON.stringify(Array.from({ length: 50 }, () => teller.next()));
}

describe('a seed', () => {
  test('draws the same faults and the same stories every time, another one others', () => {
    expect(faultsOf(5, 60)).toEqual(faultsOf(5, 60));
    expect(faultsOf(6, 60)).not.toEqual(faultsOf(5, 60));
    expect(storiesOf(5)).toBe(storiesOf(5));
    expect(storiesOf(6)).not.toBe(storiesOf(5));
  });

  test('deals every kind of fault before it deals one much more often', () => {
    const kinds = faultsOf(1, 74).map(({ fault }) => fault.kind);
    expect(new Set(kinds).size).toBe(17);
    expect(kinds.filter((kind) => kind === 'kill')).toHaveLength(8);
  });
});

test('a gentle plan keeps every fault short', () => {
  const texts = faultsOf(2, 200, true).map(({ fault }) => faultText(fault));
  const longest = Math.max(
    ...texts.flatMap((text) => [...text.matchAll(/(?:^| )(?:ms|downMs|everyMs|ageMs)=(\d+)/g)].map(([, ms]) => Number(ms))),
  );
  expect(longest).toBeLessThanOrEqual(10_000);
});
