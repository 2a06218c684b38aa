import { describe, expect, test, vi } from 'vitest';
import type { Suspicion } from '#liveness';
import { createLogger } from '#observability';
import { Evictions } from './evictions.js';

const suspicion: Suspicion = {
  peer: { memberId: 'm-2', instance: 'b', address: 'h:1', liveness: { address: 'h:2', process: 'p' } },
  reason: 'gone',
  silentMs: 3,
  observers: ['a'],
};
const logger = createLogger({ level: 'error', instance: 'a', app: 'test' });

/** A coordinator that cannot be reached for the first `failures` questions. */
function evictions(failures: number, withinMs = 5_000) {
  const evicted = vi.fn();
  let asked = 0;
  const evict = vi.fn(async () => {
    asked += 1;
    if (asked <= failures) throw new Error('the coordinator is away');
  });
  return { evicted, evict, evictions: new Evictions({ kafka: { evict }, logger, withinMs, evicted }) };
}

describe('Evictions', () => {
  test('puts a member out at once, and says so', async () => {
    const { evictions: all, evict, evicted } = evictions(0);
    all.begin(suspicion);
    await vi.waitFor(() => expect(evicted).toHaveBeenCalledExactlyOnceWith(suspicion));
    expect(evict).toHaveBeenCalledExactlyOnceWith('m-2');
  });

  test('tries again while the coordinator cannot be reached', async () => {
    const { evictions: all, evict, evicted } = evictions(2);
    all.begin(suspicion);
    all.begin(suspicion); // it is under way
    await vi.waitFor(() => expect(evicted).toHaveBeenCalledOnce(), 5_000);
    expect(evict).toHaveBeenCalledTimes(3);
  });

  test('ends when the time is up: the session time-out has done it', async () => {
    const { evictions: all, evict, evicted } = evictions(Number.POSITIVE_INFINITY, 100);
    all.begin(suspicion);
    await vi.waitFor(() => expect(evict).toHaveBeenCalledTimes(2), 5_000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(evict).toHaveBeenCalledTimes(2);
    expect(evicted).not.toHaveBeenCalled();
  });

  test('ends when somebody else has done it', async () => {
    const { evictions: all, evict, evicted } = evictions(Number.POSITIVE_INFINITY);
    all.begin(suspicion);
    await vi.waitFor(() => expect(evict).toHaveBeenCalledOnce());
    all.done('m-2');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(evict).toHaveBeenCalledOnce();
    expect(evicted).not.toHaveBeenCalled();
  });
});
