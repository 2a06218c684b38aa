import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Departure } from './peer.js';
import { SilentProxy } from './testing/silent-proxy.js';
import { endStalledAfterMs, limits, TestMember } from './testing/test-member.js';

const patience = { timeout: 5_000, interval: 5 };
/** Long enough for whatever would be a mistake to have been made. */
const longEnoughMs = limits.pingIntervalMs * 25;
const members: TestMember[] = [];
const proxies: SilentProxy[] = [];

afterEach(() => {
  for (const member of members.splice(0)) member.leave();
  for (const proxy of proxies.splice(0)) proxy.close();
});

async function member(instance: string, secret?: string): Promise<TestMember> {
  const started = await TestMember.start(instance, secret);
  members.push(started);
  return started;
}

async function proxyTo(target: TestMember): Promise<SilentProxy> {
  const proxy = await SilentProxy.start(target.port);
  proxies.push(proxy);
  return proxy;
}

function up(observer: TestMember, ...peers: readonly TestMember[]): Promise<void> {
  return vi.waitFor(() => {
    for (const peer of peers) expect(observer.statuses.get(peer.memberId)).toBe('up');
  }, patience);
}

/** The second has answered the first, which watches it. */
async function pair(): Promise<readonly [TestMember, TestMember]> {
  const [a, b] = [await member('a'), await member('b')];
  b.watch();
  a.watch(b.peer());
  await up(a, b);
  return [a, b];
}

describe('a process that dies', () => {
  test('is suspected at once by whoever it has answered, also in a cluster of two', async () => {
    const [a, b] = await pair();
    b.die();
    await vi.waitFor(() => expect(a.suspicions).toMatchObject([{ reason: 'gone', peer: { memberId: 'b-1' }, observers: ['a'] }]), patience);
    expect(a.suspicions[0]?.silentMs).toBeLessThan(limits.pingIntervalMs * limits.missedPings);
  });

  test('is not suspected when only its liveness thread has died, and answers again after it', async () => {
    const [a, b] = await pair();
    b.killThread();
    await vi.waitFor(() => expect(a.statuses.get('b-1')).toBe('unreachable'), patience);
    await b.restartThread();
    b.watch();
    await up(a, b);
    expect(a.suspicions).toEqual([]);
  });

  test('is not suspected when it said goodbye', async () => {
    const [a, b] = await pair();
    b.leave();
    await vi.waitFor(() => expect(a.statuses.get('b-1')).toBe('unreachable'), patience);
    await delay(longEnoughMs);
    expect(a.suspicions).toEqual([]);
  });

  test('is not suspected under a member id that it has not answered by', async () => {
    const [a, b] = await pair();
    a.watch({ ...b.peer(), memberId: 'b-2' }); // the group says that it has joined anew; it has not said so itself
    b.die();
    await delay(longEnoughMs);
    expect(a.suspicions).toEqual([]);
  });

  test('is suspected when another process answers in its place', async () => {
    const [a, b] = [await member('a'), await member('b')];
    b.watch();
    const proxy = await proxyTo(b);
    a.watch(b.peer(proxy.address));
    await up(a, b);
    const { address } = proxy;
    proxy.close();
    proxies.pop();
    const usurper = await TestMember.startAt(Number(address.split(':')[1]), 'c');
    members.push(usurper);
    await vi.waitFor(() => expect(a.suspicions).toMatchObject([{ reason: 'replaced', peer: { instance: 'b' } }]), patience);
  });
});

describe('a process that falls silent', () => {
  test('is suspected by two observers, once each', async () => {
    const [a, b, c] = [await member('a'), await member('b'), await member('c')];
    const proxy = await proxyTo(c);
    c.watch();
    a.watch(b.peer(), c.peer(proxy.address));
    b.watch(a.peer(), c.peer(proxy.address));
    await up(a, b, c);
    await up(b, a, c);
    proxy.silence();
    await vi.waitFor(() => expect(a.suspicions).toHaveLength(1), patience);
    await vi.waitFor(() => expect(b.suspicions).toHaveLength(1), patience);
    expect(a.suspicions[0]).toMatchObject({ reason: 'silent', peer: { instance: 'c' }, observers: ['a', 'b'] });
    await delay(longEnoughMs);
    expect([a.suspicions.length, b.suspicions.length]).toEqual([1, 1]);
  });

  test('is left alone in a cluster of two, and where another observer still hears it', async () => {
    const [a, b, c] = [await member('a'), await member('b'), await member('c')];
    const proxy = await proxyTo(c);
    c.watch();
    a.watch(b.peer(), c.peer(proxy.address));
    b.watch(a.peer(), c.peer());
    await up(a, b, c);
    proxy.silence();
    await vi.waitFor(() => expect(a.statuses.get('c-1')).toBe('unreachable'), patience);
    await delay(longEnoughMs);
    expect([...a.suspicions, ...b.suspicions]).toEqual([]);
    b.die(); // now there are two
    await vi.waitFor(() => expect(a.suspicions).toMatchObject([{ peer: { instance: 'b' } }]), patience);
    await delay(longEnoughMs);
    expect(a.suspicions).toHaveLength(1);
    proxy.speak();
    await up(a, c);
  });

  test('is not suspected again under its next member id until it has answered by it', async () => {
    const [a, b, c] = [await member('a'), await member('b'), await member('c')];
    const proxy = await proxyTo(c);
    c.watch();
    a.watch(b.peer(), c.peer(proxy.address));
    b.watch(a.peer(), c.peer(proxy.address));
    await up(a, b, c);
    await up(b, c);
    proxy.silence();
    await vi.waitFor(() => expect(a.suspicions.length + b.suspicions.length).toBe(2), patience);
    c.memberId = 'c-2'; // put out, it has joined anew, and still cannot be reached
    c.watch();
    for (const observer of [a, b])
      observer.watch(...[a, b].filter((peer) => peer !== observer).map((peer) => peer.peer()), c.peer(proxy.address));
    await delay(longEnoughMs);
    expect([a.suspicions.length, b.suspicions.length]).toEqual([1, 1]);
  });
});

test('a process whose main loop stands is suspected though its thread answers', async () => {
  const [a, b] = await pair();
  b.stall();
  await vi.waitFor(() => expect(a.suspicions).toMatchObject([{ reason: 'stalled', peer: { instance: 'b' } }]), patience);
  expect(a.suspicions[0]?.silentMs).toBeLessThan(limits.pingIntervalMs * limits.missedPings);
});

test('a process whose main loop never turns again is to end, and not its peer', async () => {
  const [a, b] = await pair();
  b.stall();
  await vi.waitFor(() => expect(b.deadLoops.length).toBeGreaterThan(0), patience);
  expect(b.deadLoops[0]).toBeGreaterThanOrEqual(endStalledAfterMs);
  expect(a.deadLoops).toEqual([]);
});

test('news of a departure reaches those that are not connected to its sender, once', async () => {
  const [a, b, c] = [await member('a'), await member('b'), await member('c')];
  a.watch(b.peer());
  b.watch(c.peer());
  c.watch();
  await up(a, b);
  await up(b, c);
  const departure: Departure = { id: 'd1', memberId: 'x-1', instance: 'x', process: 'p', reason: 'gone', by: 'a' };
  a.spread(departure);
  await vi.waitFor(() => expect(c.departures).toEqual([departure]), patience);
  await delay(longEnoughMs);
  expect([a.departures, b.departures, c.departures]).toEqual([[], [departure], [departure]]);
});

describe('strangers at the liveness port', () => {
  test('with another secret are never heard, and nobody suspects anybody', async () => {
    const [a, b] = [await member('a', 'one secret of sixteen'), await member('b', 'another of sixteen')];
    b.watch();
    a.watch(b.peer());
    await delay(longEnoughMs);
    expect(a.statuses.get('b-1')).toBe('unreachable');
    expect(a.suspicions).toEqual([]);
  });

  test('by the hundred, silent or babbling, lock nobody out and are cut off', async () => {
    const [a, b] = [await member('a'), await member('b')];
    b.watch();
    const crowd = Array.from({ length: 400 }, (_, i) => stranger(b.port, i));
    a.watch(b.peer());
    await up(a, b);
    await vi.waitFor(() => expect(crowd.filter(({ destroyed }) => !destroyed).length).toBeLessThanOrEqual(64), patience);
    await delay(longEnoughMs);
    expect(a.statuses.get('b-1')).toBe('up');
    expect(a.suspicions).toEqual([]);
    await vi.waitFor(() => expect(crowd.every(({ destroyed }) => destroyed)).toBe(true), patience); // the handshake's time is over
  });
});

/** Every third says nothing, babbles, or begins a line that never ends. */
function stranger(port: number, index: number): Socket {
  const socket = connect(port, '127.0.0.1', () => {
    if (index % 3 === 1) socket.write('GET / HTTP/1.1\r\n\r\n');
    if (index % 3 === 2) socket.write('{'.repeat(40_000));
  });
  socket.on('error', () => socket.destroy());
  socket.resume();
  return socket;
}
