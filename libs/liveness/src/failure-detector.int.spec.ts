import { createServer, type Server } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { FailureDetector } from './failure-detector.js';
import type { Departure, Peer, Suspicion } from './peer.js';
import { probe } from './probe.js';

const threadUrl = new URL('../../../dist/libs/liveness/src/thread/liveness-thread.js', import.meta.url);
const limits = { pingIntervalMs: 50, missedPings: 5, stallAfterMs: 600 };
const patience = { timeout: 10_000, interval: 10 };

class Engine {
  readonly suspicions: Suspicion[] = [];
  readonly departures: Departure[] = [];
  readonly messages: string[] = [];
  readonly main: Server = createServer();
  readonly detector: FailureDetector;

  constructor(
    readonly instance: string,
    port = 0,
  ) {
    this.detector = new FailureDetector({
      credentials: { cluster: 'test', instance, secret: 'sixteen characters' },
      host: '127.0.0.1',
      port,
      limits,
      holdDownMs: 5_000,
      endStalledAfterMs: 0,
      onSuspicion: (suspicion) => this.suspicions.push(suspicion),
      onDeparture: (departure) => this.departures.push(departure),
      log: (_level, message) => this.messages.push(message),
      threadUrl,
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.main.listen(0, '127.0.0.1', resolve));
    await this.detector.start();
    return this;
  }

  get peer(): Peer {
    const bound = this.main.address();
    const port = bound !== null && typeof bound === 'object' ? bound.port : 0;
    return { memberId: `${this.instance}-1`, instance: this.instance, address: `127.0.0.1:${port}`, liveness: this.detector.liveness };
  }

  watch(...others: readonly Engine[]): void {
    this.detector.watch(
      this.peer.memberId,
      others.map(({ peer }) => peer),
    );
  }

  status(other: Engine): string | undefined {
    return this.detector.statuses.get(other.peer.memberId);
  }
}

const engines: Engine[] = [];
const threads: Worker[] = [];

afterEach(async () => {
  vi.restoreAllMocks();
  threads.length = 0;
  await Promise.all(
    engines.splice(0).map(async (engine) => {
      await engine.detector.stop();
      engine.main.close();
    }),
  );
});

/** Two that watch each other. */
async function pair(): Promise<[Engine, Engine]> {
  const post = Worker.prototype.postMessage;
  vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: Worker, value: unknown) {
    if (!threads.includes(this)) threads.push(this);
    post.call(this, value);
  });
  const [a, b] = [await new Engine('a').start(), await new Engine('b').start()];
  engines.push(a, b);
  a.watch(b);
  b.watch(a);
  await vi.waitFor(() => expect([a.status(b), b.status(a)]).toEqual(['up', 'up']), patience);
  return [a, b];
}

describe('FailureDetector', () => {
  test('starts its thread again on the same port when it dies, and nobody suspects the process', async () => {
    const [a, b] = await pair();
    const { address } = b.detector.liveness;
    await threads[1]?.terminate();
    await vi.waitFor(() => expect(threads).toHaveLength(3), patience); // the new one was told whom to watch
    expect(b.detector.liveness.address).toBe(address);
    await vi.waitFor(() => expect([a.status(b), b.status(a)]).toEqual(['up', 'up']), patience);
    expect(await probe(b.peer, credentials, 1_000)).toBe('alive');
    expect([...a.suspicions, ...b.suspicions]).toEqual([]);
  });

  test('stops with a word to its peers, who suspect nothing', async () => {
    const [a, b] = await pair();
    b.detector.announce({ memberId: 'b-1', instance: 'b', process: b.detector.process, reason: 'left' });
    await b.detector.stop();
    b.main.close();
    await vi.waitFor(() => expect(a.departures).toMatchObject([{ instance: 'b', reason: 'left', by: 'b' }]), patience);
    await vi.waitFor(() => expect(a.status(b)).toBe('unreachable'), patience);
    expect(a.suspicions).toEqual([]);
    expect(await probe(b.peer, credentials, 1_000)).toBe('gone');
  });

  test('answers for itself while the main loop is blocked, and the others take it for stalled only after their limit', async () => {
    const [a, b] = await pair();
    block(limits.stallAfterMs / 2);
    await vi.waitFor(() => expect([a.status(b), b.status(a)]).toEqual(['up', 'up']), patience);
    expect([...a.suspicions, ...b.suspicions]).toEqual([]);
    block(limits.stallAfterMs * 2); // both share this loop
    await vi.waitFor(() => expect(a.suspicions[0]?.reason).toBe('stalled'), patience);
  });

  test('refuses to start where its port is taken', async () => {
    const taken = await new Engine('a').start();
    engines.push(taken);
    const late = new Engine('b', Number(taken.detector.liveness.address.split(':')[1]));
    engines.push(late);
    await expect(late.start()).rejects.toThrow('EADDRINUSE');
  });
});

const credentials = { cluster: 'test', instance: 'prober', process: 'prober', secret: 'sixteen characters' };

function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
