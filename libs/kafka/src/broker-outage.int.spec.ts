import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { LogRecord } from '#protocol';
import { KafkaServer } from '#testing/embedded';
import type { GroupMembership } from './group/group-membership.js';
import type { KafkaPartitionLog } from './log/kafka-partition-log.js';
import { type TestKafka, testKafka } from './testing/test-kafka.js';

const patience = { timeout: 40_000, interval: 50 };
const appendTimeoutMs = 1_500;
const decoder = new TextDecoder();
const run = promisify(execFile);

/** Everything that a process has open on Kafka, through a broker's death and a broker's pause. */
describe('a broker outage', () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-outage-'));
  let server: KafkaServer;
  let kafka: TestKafka;
  let log: KafkaPartitionLog;
  let membership: GroupMembership;
  const seen = new Set<string>(); // the producer may write one twice when an answer is lost
  const lost: number[][] = [];

  beforeAll(async () => {
    server = await KafkaServer.start({ directory, heapMb: 384 });
    kafka = await testKafka(server.brokers, 4);
    const connection = kafka.another('millrace-engine', undefined, { appendTimeoutMs });
    log = connection.partitionLog();
    connection.commandLog().subscribe(1, 0, {
      records: (records) => {
        for (const { value } of records) seen.add(decoder.decode(value ?? undefined));
      },
      outOfRange: () => undefined,
    });
    membership = connection.membership({
      instanceId: 'a',
      address: '127.0.0.1:1',
      onAssigned: (change) => void lost.push([...change.lost]),
    });
    membership.start();
    await vi.waitFor(() => expect(membership.owned).toEqual([0, 1, 2, 3]), patience);
  });

  afterAll(async () => {
    server.signal('SIGCONT');
    await membership.leave();
    await kafka.close();
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('is preceded by a group that Kafka’s own tool can read', async () => {
    const tool = 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand';
    const question = ['--bootstrap-server', server.brokers, '--describe', '--group', kafka.settings.groupId, '--members', '--verbose'];
    const { stdout } = await run('java', ['-XX:TieredStopAtLevel=1', '-cp', server.classPath, tool, ...question]);
    expect(stdout).toContain('millrace-engine');
    expect(stdout).toMatch(new RegExp(`${kafka.connection.topics.commands.replaceAll('.', '\\.')}.*0,1,2,3`));
  });

  it('of kill -9 leaves nothing hanging, and all goes on by itself when the broker is back', async () => {
    const before = await appended('before');
    await commandOf('first');
    await server.kill();
    const during = await log.append(0, [record('during')]);
    expect(['unknown', 'notWritten']).toContain(during.status);
    expect(await membership.confirm(0)).toBe('unknown');
    await server.restart();
    const after = await appended('after');
    expect(after).toBeGreaterThan(before);
    await commandOf('second');
    await vi.waitFor(() => expect([...seen]).toEqual(['first', 'second']), patience);
    await vi.waitFor(async () => expect(await membership.confirm(0)).toBe('owner'), patience);
    expect(await copies('during')).toBeLessThanOrEqual(1);
  });

  it('of a frozen broker makes appends unknown in time, and a late request counts once', async () => {
    await appended('warm');
    server.signal('SIGSTOP');
    const begun = Date.now();
    const outcome = await log.append(0, [record('frozen')]);
    expect(outcome).toMatchObject({ status: 'unknown' });
    expect(Date.now() - begun).toBeLessThan(appendTimeoutMs + 1_000);
    expect((await log.append(0, [record('while frozen')])).status).not.toBe('appended');
    expect(await membership.confirm(0)).toBe('unknown');
    server.signal('SIGCONT');
    await appended('thawed');
    expect(await copies('frozen')).toBeLessThanOrEqual(1);
    await commandOf('third');
    await vi.waitFor(() => expect([...seen]).toEqual(['first', 'second', 'third']), patience);
    await vi.waitFor(async () => expect(await membership.confirm(0)).toBe('owner'), patience);
  });

  async function appended(key: string): Promise<number> {
    return vi.waitFor(async () => {
      const outcome = await log.append(0, [record(key)]);
      if (outcome.status !== 'appended') throw new Error(outcome.message);
      return outcome.baseOffset;
    }, patience);
  }

  async function commandOf(value: string): Promise<void> {
    const producer = kafka.connection.commandProducer(20_000);
    expect(await producer.send({ key: 'w', partition: 1, value, headers: {} })).toMatchObject({ status: 'durable' });
  }

  async function copies(key: string): Promise<number> {
    const read = await log.read(0, 0);
    return read.status === 'read' ? read.records.filter((each) => each.key === key).length : Number.NaN;
  }
});

function record(key: string): LogRecord {
  return { key, value: new TextEncoder().encode('{}'), headers: { type: 'Test' } };
}
