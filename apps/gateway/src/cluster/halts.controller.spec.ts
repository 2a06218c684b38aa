import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AcceptRequest } from '#protocol';
import { member } from '../testing/fake-cluster.js';
import { startTestApp, type TestApp } from '../testing/test-app.js';

let gateway: TestApp;
beforeAll(async () => {
  gateway = await startTestApp();
});
afterAll(() => gateway.app.close());

const body = { code: 'COMMANDS_REPLACED', from: 'earliest' };
const accept = (payload: unknown, shard: string | number = 3) =>
  gateway.app.inject({ method: 'POST', url: `/api/v1/cluster/shards/${shard}/accept`, payload: payload as object });

describe("an operator's word on a halt", () => {
  test('goes to the owner with the secret, and the answer says from where commands are read', async () => {
    const asked: AcceptRequest[] = [];
    gateway.cluster.accept = (request) => {
      asked.push(request);
      return { status: 'accepted', from: 17, state: 'active', instance: 'engine-1' };
    };
    const response = await accept(body);
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({
      message: 'Halt accepted',
      shardId: 3,
      code: 'COMMANDS_REPLACED',
      from: 17,
      state: 'active',
      instance: 'engine-1',
    });
    expect(asked).toEqual([{ partition: 3, acceptance: body, secret: 'of-the-cluster-16' }]);
  });

  test('is a 409 where the partition does not stand still for that', async () => {
    gateway.cluster.accept = () => ({
      status: 'refused',
      state: 'halted',
      code: 'EVENTS_REPLACED',
      reason: 'it halted for another reason',
    });
    const response = await accept(body);
    expect(response.statusCode).toBe(409);
    expect(response.json()).toMatchObject({ code: 'HALT_MISMATCH', details: { shardId: 3, state: 'halted', code: 'EVENTS_REPLACED' } });
  });

  test.each([
    [{}, 400],
    [{ code: 'COMMANDS_REPLACED' }, 400],
    [{ code: 'UNKNOWN_RECORD', from: 'latest' }, 400],
    [{ ...body, from: -1 }, 400],
    [{ ...body, from: 'now' }, 400],
    [{ ...body, force: true }, 400],
  ])('%j is a %i', async (payload, status) => {
    expect((await accept(payload)).statusCode).toBe(status);
  });

  test('of a shard that does not exist is a 404, of an unreadable one a 400', async () => {
    expect((await accept(body, 8)).statusCode).toBe(404);
    expect((await accept(body, 'x')).statusCode).toBe(400);
  });

  test('is of unknown outcome where the owner does not answer', async () => {
    gateway.cluster.accept = () => 'silence';
    const response = await accept(body);
    expect(response.statusCode).toBe(408);
    expect(response.json()).toMatchObject({ code: 'TIMEOUT', outcome: 'unknown' });
  });

  test('is a 503 without an owner, or while the partition changes hands', async () => {
    gateway.cluster.accept = () => ({ status: 'notOwner' });
    expect((await accept(body)).json()).toMatchObject({ code: 'OWNER_UNAVAILABLE' });
    gateway.cluster.engine = undefined;
    expect((await accept(body)).json()).toMatchObject({ code: 'NO_OWNER' });
    gateway.cluster.engine = member('engine-1', '127.0.0.1:7001');
  });
});
