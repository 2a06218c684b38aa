import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { discardFileSink } from './file-sink.js';
import { partName } from './part-name.js';

let filesRoot = '';
beforeEach(() => {
  filesRoot = mkdtempSync(join(tmpdir(), 'millrace-discard-'));
});
afterEach(() => rmSync(filesRoot, { recursive: true, force: true }));

const attempt = (executionId: string, epoch: string) => ({ executionId, nodeId: 'out', epoch, config: { path: 'result.csv' }, filesRoot });
const part = (executionId: string, epoch: string): string => partName('result.csv', attempt(executionId, epoch));

function leave(...names: string[]): void {
  for (const name of names) writeFileSync(join(filesRoot, name), 'x');
}

test('an attempt that ends for good takes its own part away and leaves those of other owners', async () => {
  leave(part('e1', '10.a'), part('e1', '20.b'));
  await discardFileSink(attempt('e1', '20.b'), 'own');
  expect(readdirSync(filesRoot)).toEqual([part('e1', '10.a')]);
});

test('a cancelled execution takes the parts of all its owners away, and nobody else’s', async () => {
  leave(part('e1', '10.a'), part('e1', '20.b'), part('e11', '10.a'), 'result.csv');
  await discardFileSink(attempt('e1', '20.b'), 'every');
  expect(readdirSync(filesRoot).sort()).toEqual(['result.csv', part('e11', '10.a')].sort());
});
