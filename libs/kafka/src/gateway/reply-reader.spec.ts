import { expect, it, vi } from 'vitest';
import type { FetchSource } from '../wire/fetch-lane.js';
import { encodeRecordBatch } from '../wire/record-batch.js';
import { ReplyReader } from './reply-reader.js';

const topic = 'workflow.replies';
const encoder = new TextEncoder();

function laneAt(highWatermark: number) {
  const sources: FetchSource[] = [];
  return {
    sources,
    add: (source: FetchSource) => void sources.push(source),
    remove: (source: FetchSource) => void sources.splice(sources.indexOf(source), 1),
    wake: () => undefined,
    bounds: async () => ({ logStart: 0, highWatermark }),
  };
}

const part = (batches: Buffer) => ({ topic, partition: 0, errorCode: 0, highWatermark: 9, logStart: 0, aborted: [], batches });

it('a reader that meets bytes which make no sense begins again at the end of the topic, and hears what comes then', async () => {
  const lane = laneAt(0);
  const reader = new ReplyReader(topic, 0, lane, () => undefined);
  const heard: string[] = [];
  reader.onReply((correlationId) => heard.push(correlationId));
  await reader.start();
  lane.sources[0]?.fetched(part(Buffer.alloc(100, 0xff)));
  expect(lane.sources).toEqual([]);
  await vi.waitFor(() => expect(lane.sources).toHaveLength(1), { timeout: 5_000 });
  const value = encoder.encode(JSON.stringify({ commandId: 'c', workflowId: 'w', ok: true, result: {} }));
  lane.sources[0]?.fetched(part(encodeRecordBatch([{ key: 'w', value, headers: { 'correlation-id': 'k' } }], 0)));
  expect(heard).toEqual(['k']);
  reader.close();
});
