import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogger, createRegistry, engineMetrics, NestLogger, ObservabilityModule, Readiness } from './index.js';

const readiness = new Readiness();
const registry = createRegistry();
const logger = createLogger({ level: 'silent', instance: 'i', app: 'test' });
let app: NestFastifyApplication;

beforeAll(async () => {
  engineMetrics(registry).created.inc();
  const module = ObservabilityModule.with({ logger, registry, readiness });
  app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), { logger: new NestLogger(logger) });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
});
afterAll(() => app.close());

test('a process that waits is alive, not ready, and says what it waits for', async () => {
  readiness.set('kafka', 'no broker answers at 127.0.0.1:9092');
  expect((await app.inject('/health/live')).statusCode).toBe(200);
  const response = await app.inject('/health/ready');
  expect(response.statusCode).toBe(503);
  expect(response.body).toContain('no broker answers');
  readiness.set('kafka');
  expect((await app.inject('/health/ready')).statusCode).toBe(200);
});

test('metrics come in the text format', async () => {
  const response = await app.inject('/metrics');
  expect(response.headers['content-type']).toContain('text/plain');
  expect(response.body).toContain('workflow_created_total 1');
});
