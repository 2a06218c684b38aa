import { describe, expect, test } from 'vitest';
import type { Peer } from './peer.js';
import { type Sight, suspicionOf } from './suspicion.js';

const limits = { pingIntervalMs: 200, missedPings: 5, stallAfterMs: 3_000 };
const peer: Peer = { memberId: 'm-2', instance: 'b', address: 'h:1', liveness: { address: 'h:2', process: 'p' } };
const healthy: Sight = { peer, answeredAs: 'm-2', missed: 0, loopAgeMs: 40 };

describe('a peer is taken for dead', () => {
  test('when its ports refuse, on the word of one observer', () => {
    expect(suspicionOf({ ...healthy, ended: 'gone' }, 0, limits)).toBe('gone');
    expect(suspicionOf({ ...healthy, ended: 'replaced' }, 0, limits)).toBe('replaced');
  });

  test('when two observers miss five answers in a row', () => {
    expect(suspicionOf({ ...healthy, missed: 5 }, 1, limits)).toBe('silent');
  });

  test('when its thread says that the main loop does not turn', () => {
    expect(suspicionOf({ ...healthy, loopAgeMs: 3_000 }, 0, limits)).toBe('stalled');
  });
});

describe('a peer is left alone', () => {
  test('while it answers, whatever others say', () => {
    expect(suspicionOf(healthy, 7, limits)).toBeUndefined();
    expect(suspicionOf({ ...healthy, missed: 4 }, 7, limits)).toBeUndefined();
  });

  test('when only this process misses its answers: the silence may be its own', () => {
    expect(suspicionOf({ ...healthy, missed: 500 }, 0, limits)).toBeUndefined();
  });

  test('when it has not answered since its latest join, whatever has become of it', () => {
    for (const answeredAs of [undefined, 'm-1']) {
      const unheard = { ...healthy, answeredAs, missed: 50, loopAgeMs: 60_000 };
      expect(suspicionOf({ ...unheard, ended: 'gone' }, 3, limits)).toBeUndefined();
      expect(suspicionOf(unheard, 3, limits)).toBeUndefined();
    }
  });
});
