import { Kafka, logLevel } from 'kafkajs';
import { mintCommandId, partitionOf } from '#protocol';

const perSend = 500;

/** Produces `count` ExecuteWorkflow commands as fast as the broker takes them. */
export async function executeBurst(brokers: string, workflowId: string, count: number): Promise<void> {
  const producer = new Kafka({ brokers: [brokers], clientId: 'burst', logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  try {
    for (let sent = 0; sent < count; sent += perSend) {
      const messages = Array.from({ length: Math.min(perSend, count - sent) }, (_, i) => ({
        key: workflowId,
        value: JSON.stringify({ commandId: mintCommandId(Date.now(), `${sent + i}`), type: 'ExecuteWorkflow', workflowId, data: {} }),
      }));
      await producer.send({ topic: 'workflow.commands', messages });
    }
  } finally {
    await producer.disconnect();
  }
}

/** The first of `name-0`, `name-1` … that lives on the partition, or, with `elsewhere`, on another. */
export function idOn(partition: number, partitions: number, name: string, elsewhere = false): string {
  for (let i = 0; ; i += 1) if ((partitionOf(`${name}-${i}`, partitions) === partition) !== elsewhere) return `${name}-${i}`;
}
