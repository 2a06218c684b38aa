import 'reflect-metadata';
import { createServer, type Server, type Socket } from 'node:net';
import { Controller, type INestMicroservice, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, type MicroserviceOptions, Payload, Transport } from '@nestjs/microservices';
import { afterEach, expect, test } from 'vitest';
import { queryPattern } from '#protocol';
import { TcpOwnerChannel } from './tcp-owner-channel.js';

@Controller()
class Echo {
  @MessagePattern(queryPattern)
  echo(@Payload() data: { readonly text: string; readonly afterMs?: number }): Promise<unknown> {
    return new Promise((resolve) => setTimeout(() => resolve({ said: data.text }), data.afterMs ?? 0));
  }
}

@Module({ controllers: [Echo] })
class EchoModule {}

const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

async function startEcho(port: number): Promise<INestMicroservice> {
  const options: MicroserviceOptions = { transport: Transport.TCP, options: { host: '127.0.0.1', port } };
  const service = await NestFactory.createMicroservice<MicroserviceOptions>(EchoModule, { ...options, logger: false });
  await service.listen();
  closing.push(() => service.close());
  return service;
}

function channel(): TcpOwnerChannel {
  const made = new TcpOwnerChannel();
  closing.push(() => made.close());
  return made;
}

test('many requests share a connection, and a slow one does not hold up the others', async () => {
  const port = await freePort();
  await startEcho(port);
  const owners = channel();
  const slow = owners.request(`127.0.0.1:${port}`, queryPattern, { text: 'slow', afterMs: 150 }, 2_000);
  const quick = await Promise.all(['ä', '😀', 'c'].map((text) => owners.request(`127.0.0.1:${port}`, queryPattern, { text }, 2_000)));
  expect(quick).toEqual([{ said: 'ä' }, { said: '😀' }, { said: 'c' }]);
  expect(await slow).toEqual({ said: 'slow' });
});

test('a refused connection is told at once, and the next request tries again', async () => {
  const port = await freePort();
  const owners = channel();
  await expect(owners.request(`127.0.0.1:${port}`, queryPattern, { text: 'a' }, 2_000)).rejects.toThrow(/ECONNREFUSED/);
  await startEcho(port);
  expect(await owners.request(`127.0.0.1:${port}`, queryPattern, { text: 'a' }, 2_000)).toEqual({ said: 'a' });
});

test('a peer that accepts and says nothing is a time-out; one that hangs up ends the request at once', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket));
  const port = await listen(server);
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const owners = channel();
  await expect(owners.request(`127.0.0.1:${port}`, queryPattern, { text: 'a' }, 60)).rejects.toThrow('no answer within 60 ms');
  const startedAt = performance.now();
  const cut = owners.request(`127.0.0.1:${port}`, queryPattern, { text: 'b' }, 5_000);
  setTimeout(() => sockets[0]?.destroy(), 20);
  await expect(cut).rejects.toThrow();
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});
