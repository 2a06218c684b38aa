import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { FatalError, TransientError } from '#runtime';
import { createKafka, type KafkaConnection } from '../kafka-connection.js';
import type { KafkaSettings } from '../settings.js';

describe('ensureTopics', () => {
  const opened: KafkaConnection[] = [];
  const settings = (): KafkaSettings => {
    const id = `t${randomUUID().slice(0, 8)}`;
    return {
      brokers: [inject('kafkaBrokers')],
      clientId: 'millrace-test',
      topicPrefix: id,
      groupId: id,
      partitions: 3,
      replicationFactor: 1,
    };
  };
  const open = (with_: KafkaSettings): KafkaConnection => {
    const connection = createKafka(with_, () => undefined);
    opened.push(connection);
    return connection;
  };

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((connection) => connection.close()));
  });

  it('creates what is missing, then finds it in order, and warns of a single broker', async () => {
    const mine = settings();
    const first = await open(mine).ensureTopics();
    expect(first.created).toHaveLength(6);
    expect(first.warnings.join()).toContain('single broker');
    const second = await open(mine).ensureTopics();
    expect(second).toMatchObject({ created: [], checked: { length: 6 }, brokers: 1 });
  });

  it('may be called by several processes at a time', async () => {
    const mine = settings();
    const reports = await Promise.all([open(mine).ensureTopics(), open(mine).ensureTopics(), open(mine).ensureTopics()]);
    for (const report of reports) expect([...report.created, ...report.checked]).toHaveLength(6);
  });

  it('lists every difference at once and changes nothing', async () => {
    const mine = settings();
    const connection = open(mine);
    await connection.admin().connect();
    const configEntries = [
      { name: 'cleanup.policy', value: 'delete' },
      { name: 'max.message.bytes', value: '1000' },
    ];
    await connection
      .admin()
      .createTopics({ topics: [{ topic: `${mine.topicPrefix}.events`, numPartitions: 2, configEntries }], waitForLeaders: false });
    const refusal = await connection.ensureTopics().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refusal).toBeInstanceOf(FatalError);
    expect(refusal).toMatchObject({ code: 'TOPICS_DIFFER' });
    const message = String(refusal);
    for (const expected of [
      'has 2 partitions',
      'cleanup.policy is delete',
      'max.message.bytes is 1000',
      'message.timestamp.type is CreateTime',
      'min.compaction.lag.ms is 0',
    ]) {
      expect(message).toContain(expected);
    }
  });

  it('refuses more replicas than there are brokers', async () => {
    await expect(open({ ...settings(), replicationFactor: 3 }).ensureTopics()).rejects.toMatchObject({ code: 'TOPICS_DIFFER' });
  });

  it('says that Kafka cannot be reached, as trouble that may pass', async () => {
    await expect(open({ ...settings(), brokers: ['127.0.0.1:1'] }).ensureTopics()).rejects.toBeInstanceOf(TransientError);
  });
});
