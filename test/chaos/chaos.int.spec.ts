import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ChaosRun } from './chaos-run.js';

test('a minute of random workflows and faults loses nothing, doubles nothing and leaves nothing without a reason', {
  timeout: 400_000,
}, async () => {
  const log: string[] = [];
  const { directory, violations, lines } = await ChaosRun.run({
    seed: 781,
    minutes: 0.75,
    callers: 6,
    onProgress: (line) => log.push(line),
  });
  const story = [...log, ...lines, readFileSync(join(directory, 'faults.log'), 'utf8'), `everything is in ${directory}`].join('\n');
  expect(violations, story).toEqual([]);
  rmSync(directory, { recursive: true, force: true });
});
