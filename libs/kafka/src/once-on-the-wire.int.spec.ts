import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import type { LogRecord } from '#protocol';
import type { AppendOutcome, PartitionLog } from '#runtime';
import { breakableSockets } from './testing/breakable-sockets.js';
import { type ProduceFault, ProduceProxy, produceFaults } from './testing/produce-proxy.js';
import { type TestKafka, testKafka } from './testing/test-kafka.js';

const appendTimeoutMs = 1_000;
const patience = { timeout: 15_000, interval: 20 };

/** May the record be in the log after this outcome? */
const possible: Readonly<Record<AppendOutcome['status'], readonly number[]>> = { appended: [1], notWritten: [0], unknown: [0, 1] };

/** What the broker got of the request, fault by fault. */
const landed: Readonly<Record<ProduceFault, number>> = {
  cutBeforeRequest: 0,
  cutMidRequest: 0,
  cutAfterRequest: 1,
  cutBeforeAnswer: 1,
  cutMidAnswer: 1,
  swallowAnswer: 1,
  swallowRequest: 0,
  delayRequest: 1,
};

describe('an append is written to a socket at most once (L4)', () => {
  let kafka: TestKafka;
  let proxy: ProduceProxy;
  let log: PartitionLog;
  let reader: PartitionLog;

  beforeAll(async () => {
    const brokers = inject('kafkaBrokers');
    kafka = await testKafka(brokers, 8);
    proxy = await ProduceProxy.start(brokers);
    log = kafka.another('millrace-writer', proxy.factory, { appendTimeoutMs }).partitionLog();
    reader = kafka.connection.partitionLog();
  });

  afterAll(async () => {
    await kafka.close();
    await proxy.close();
  });

  it.each(produceFaults)('leaves at most one copy in the log, and says no more than it knows: %s', async (fault) => {
    const partition = produceFaults.indexOf(fault);
    await appended(partition, 'before');
    const requests = proxy.produceRequests;
    proxy.arm(fault);
    const outcome = await log.append(partition, [record('hurt')]);
    expect(outcome.status).toBe('unknown');
    expect(proxy.produceRequests).toBe(requests + 1);
    await appended(partition, 'after');
    proxy.release();
    await vi.waitFor(async () => expect(await copies(partition, 'hurt')).toBe(landed[fault]), patience);
    expect(possible[outcome.status]).toContain(await copies(partition, 'hurt'));
    expect(await copies(partition, 'after')).toBe(1);
  });

  it('gives every partition its own answer when one request carries several', async () => {
    const outcomes = await Promise.all([0, 1, 2, 3].map((partition) => log.append(partition, [record(`shared-${partition}`)])));
    expect(outcomes.map(({ status }) => status)).toEqual(['appended', 'appended', 'appended', 'appended']);
    proxy.arm('cutAfterRequest');
    const hurt = await Promise.all([0, 1, 2, 3].map((partition) => log.append(partition, [record(`hurt-${partition}`)])));
    for (const [partition, outcome] of hurt.entries()) {
      expect(outcome.status).toBe('unknown');
      await vi.waitFor(async () => expect(await copies(partition, `hurt-${partition}`)).toBe(1), patience);
    }
  });

  it('knows that nothing was written when no connection could be made', async () => {
    const sockets = breakableSockets();
    const other = kafka.another('millrace-cut-off', sockets.factory, { appendTimeoutMs }).partitionLog();
    expect((await other.append(5, [record('reachable')])).status).toBe('appended');
    sockets.breakAll();
    const outcomes = [await other.append(5, [record('lost')]), await other.append(5, [record('lost')])];
    expect(outcomes.map(({ status }) => status)).toEqual(['notWritten', 'notWritten']);
    sockets.mend();
    await vi.waitFor(async () => expect((await other.append(5, [record('again')])).status).toBe('appended'), patience);
    expect(await copies(5, 'lost')).toBe(0);
  });

  async function appended(partition: number, key: string): Promise<void> {
    await vi.waitFor(async () => expect(await log.append(partition, [record(key)])).toMatchObject({ status: 'appended' }), patience);
  }

  async function copies(partition: number, key: string): Promise<number> {
    const read = await reader.read(partition, 0);
    if (read.status !== 'read') throw new Error('outside the log');
    expect(read.nextOffset).toBe(read.highWatermark);
    return read.records.filter((each) => each.key === key).length;
  }
});

function record(key: string): LogRecord {
  return { key, value: new TextEncoder().encode('{}'), headers: { type: 'Test' } };
}
