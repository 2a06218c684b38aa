import { expect, test } from 'vitest';
import { FakeCluster } from '../testing/fake-cluster.js';
import { KafkaSide, type ReplyListener } from './kafka-side.js';

function side() {
  const cluster = new FakeCluster();
  const closed: string[] = [];
  let listener: ReplyListener = () => undefined;
  const kafka = new KafkaSide(8, async (given) => {
    listener = given;
    return { sender: cluster, directory: cluster, replyTopic: 'r', replyPartition: 5, close: async () => void closed.push('closed') };
  });
  return {
    kafka,
    closed,
    deliver: (correlationId: string) => listener(correlationId, { commandId: 'c', workflowId: 'w', ok: true, result: {} }),
  };
}

const outgoing = {
  command: { commandId: 'c', type: 'CancelExecution', workflowId: 'w', data: { executionId: 'e' } },
  key: 'w',
  partition: 1,
} as const;

test('before Kafka is reached nothing is sent and the trouble is told', async () => {
  const { kafka } = side();
  expect(await kafka.send(outgoing)).toMatchObject({ status: 'notWritten' });
  expect(kafka.ownerOf(1)).toBeUndefined();
  expect(kafka.trouble()).toContain('not been reached');
});

test('afterwards commands go out and replies come in', async () => {
  const { kafka, deliver } = side();
  const seen: string[] = [];
  kafka.onReply((correlationId) => seen.push(correlationId));
  await kafka.connect();
  deliver('g/1');
  expect(seen).toEqual(['g/1']);
  expect(await kafka.send(outgoing)).toEqual({ status: 'durable' });
  expect([kafka.topic, kafka.partition, kafka.trouble()]).toEqual(['r', 5, undefined]);
  expect(kafka.ownerOf(1)?.instanceId).toBe('engine-1');
});

test('a connection that comes after the stop is closed at once', async () => {
  const { kafka, closed } = side();
  const connecting = kafka.connect();
  await kafka.close();
  await connecting;
  expect(closed).toEqual(['closed']);
});
