import { expect, test } from 'vitest';
import { FatalError, TransientError } from '#runtime';
import { createLogger, Readiness } from './index.js';
import { waitFor } from './wait-for.js';

const logger = createLogger({ level: 'silent', instance: 'i', app: 'test' });

test('it asks again until the dependency is there, and says meanwhile what is missing', async () => {
  const readiness = new Readiness();
  const seen: unknown[] = [];
  let attempts = 0;
  const attempt = async () => {
    seen.push(readiness.waiting());
    attempts += 1;
    if (attempts === 1) throw new TransientError('connection refused');
    return 'there';
  };
  const waiting = { readiness, logger, signal: new AbortController().signal };
  expect(await waitFor({ name: 'postgres', attempt }, waiting)).toBe('there');
  expect(seen).toEqual([{ postgres: 'waiting for postgres' }, { postgres: 'connection refused' }]);
  expect(readiness.ready).toBe(true);
});

test('what waiting cannot mend ends it', async () => {
  const attempt = () => Promise.reject(new FatalError('TOPICS_DIFFER', 'other partition count'));
  const waiting = { readiness: new Readiness(), logger, signal: new AbortController().signal };
  await expect(waitFor({ name: 'topics', attempt }, waiting)).rejects.toThrow('other partition count');
});

test('a stop ends it', async () => {
  const stop = new AbortController();
  const attempt = async () => {
    stop.abort();
    throw new TransientError('not yet');
  };
  const waiting = { readiness: new Readiness(), logger, signal: stop.signal };
  await expect(waitFor({ name: 'kafka', attempt }, waiting)).rejects.toThrow('aborted');
});
