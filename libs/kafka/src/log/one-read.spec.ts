import { describe, expect, it } from 'vitest';
import { FatalError } from '#runtime';
import type { FetchSource } from '../wire/fetch-lane.js';
import { readOnce } from './one-read.js';

function laneWithOneSource() {
  const sources = new Set<FetchSource>();
  const only = () => {
    const [source] = sources;
    if (source === undefined) throw new TypeError('nothing is read');
    return source;
  };
  return {
    lane: { add: (source: FetchSource) => void sources.add(source), remove: (source: FetchSource) => void sources.delete(source) },
    sources,
    only,
  };
}

const place = { topic: 'workflow.events', partition: 3, fromOffset: 7 };
const head = { topic: place.topic, partition: place.partition, errorCode: 0, highWatermark: 9, logStart: 0, aborted: [] };

describe('a read of what cannot be decoded', () => {
  it('is this reader’s trouble: it ends for good, and the lane hears nothing of it', async () => {
    const { lane, sources, only } = laneWithOneSource();
    const read = readOnce(lane, place, { maxWaitMs: 1_000 });
    expect(() => only().fetched({ ...head, batches: Buffer.alloc(100, 0xff) })).not.toThrow();
    await expect(read).rejects.toThrowError(FatalError);
    await expect(read).rejects.toThrowError(/workflow\.events\/3 cannot be read at 7/);
    expect(sources.size).toBe(0);
  });
});
