import { inject } from 'vitest';
import { rejectedHeaders } from '#protocol';
import { type CommandLogSubject, commandLogContract, membershipContract, partitionLogContract } from '#testing/contracts';
import { toStored } from './log/kafka-partition-log.js';
import { readOnce } from './log/one-read.js';
import { breakableSockets } from './testing/breakable-sockets.js';
import { outsider } from './testing/outsider.js';
import { testKafka } from './testing/test-kafka.js';
import { maxEventBatchBytes } from './topics/topic-plan.js';

partitionLogContract('KafkaPartitionLog', async () => {
  const kafka = await testKafka(inject('kafkaBrokers'), 2);
  return {
    log: kafka.connection.partitionLog(),
    partition: 0,
    otherPartition: 1,
    maxBatchBytes: maxEventBatchBytes,
    close: kafka.close,
  };
});

commandLogContract('KafkaCommandLog', async () => {
  const kafka = await testKafka(inject('kafkaBrokers'), 2);
  const outside = outsider(kafka);
  const subject: CommandLogSubject = {
    commands: kafka.connection.commandLog(),
    partition: 0,
    otherPartition: 1,
    produce: async (partition, { key, value, headers }) => {
      const record = { key, value: value === null ? null : Buffer.from(value), headers: headers ?? {} };
      const outcome = await outside.lane.send(kafka.connection.topics.commands, partition, [record]);
      if (outcome.status !== 'appended') throw new Error(outcome.message);
    },
    rejected: async () => {
      const read = await readOnce(outside.fetch, { topic: kafka.connection.topics.rejected, partition: 0, fromOffset: 0 }, {});
      if (read.status !== 'read') throw new Error('out of range');
      return read.records.map(toStored).map(({ headers }) => ({
        partition: Number(headers[rejectedHeaders.partition]),
        offset: Number(headers[rejectedHeaders.offset]),
        code: headers[rejectedHeaders.code] ?? '',
        message: headers[rejectedHeaders.message] ?? '',
      }));
    },
    close: async () => {
      outside.close();
      await kafka.close();
    },
  };
  return subject;
});

membershipContract('GroupMembership', async () => {
  const kafka = await testKafka(inject('kafkaBrokers'), 1);
  const sockets = breakableSockets();
  const mine = kafka
    .another('millrace-me', sockets.factory)
    .membership({ instanceId: 'me', address: '127.0.0.1:1', onAssigned: () => undefined });
  const rival = kafka.another('millrace-rival').membership({ instanceId: 'rival', address: '127.0.0.1:2', onAssigned: () => undefined });
  return {
    membership: mine,
    partition: 0,
    give: async () => mine.start(),
    take: async () => {
      rival.start();
      await mine.leave(); // one partition: the rival can only get it when its holder goes
    },
    silence: async () => sockets.breakAll(),
    close: async () => {
      await Promise.all([mine.leave(), rival.leave()]);
      await kafka.close();
    },
  };
});
