import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { expect, inject, test } from 'vitest';

test('the broker of the suite creates topics and keeps records', async () => {
  const kafka = new Kafka({ brokers: [inject('kafkaBrokers')], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const topic = `embedded-${process.pid}`;
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic, messages: [{ value: 'one' }] });
  expect(await admin.fetchTopicOffsets(topic)).toMatchObject([{ offset: '1' }]);
  await Promise.all([producer.disconnect(), admin.disconnect()]);
});

test('the database of the suite answers', async () => {
  const client = new pg.Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await client.end();
});
