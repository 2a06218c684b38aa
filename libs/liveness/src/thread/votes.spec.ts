import { describe, expect, test } from 'vitest';
import { Votes } from './votes.js';

describe('Votes', () => {
  test('count every instance but the accused, as long as they are fresh', () => {
    const votes = new Votes(600);
    votes.cast('a', ['m-9'], 0);
    votes.cast('b', ['m-9', 'm-8'], 100);
    votes.cast('i-9', ['m-9'], 100);
    expect(votes.against('m-9', 'i-9', 100)).toEqual(['a', 'b']);
    expect(votes.against('m-9', 'i-9', 650)).toEqual(['b']);
    expect(votes.against('m-9', 'i-9', 800)).toEqual([]);
  });

  test('are taken back by the next message without them', () => {
    const votes = new Votes(600);
    expect(votes.cast('a', ['m-9'], 0)).toBe(true);
    expect(votes.cast('a', ['m-9'], 10)).toBe(false);
    votes.cast('a', [], 20);
    expect(votes.against('m-9', 'i-9', 20)).toEqual([]);
  });
});
