import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ChaosRun } from './chaos-run.js';

/** `npm run chaos -- --minutes N --seed S [--keep]`: exit 1 when anything was lost, doubled, torn or wrong. */
const { values } = parseArgs({
  args: process.argv.slice(2),
  options: { minutes: { type: 'string', default: '5' }, seed: { type: 'string' }, keep: { type: 'boolean', default: false } },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const minutes = Number(values.minutes);
if (!Number.isInteger(seed) || !(minutes > 0)) {
  process.stderr.write('usage: npm run chaos -- [--minutes N] [--seed S] [--keep]\n');
  process.exit(1);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1)); // its processes end with it
const print = (line: string) => process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);

const { directory, violations, lines } = await ChaosRun.run({ seed, minutes, onProgress: print });
for (const line of lines) print(line);
for (const violation of violations.slice(0, 50)) process.stdout.write(`VIOLATION ${violation}\n`);
if (violations.length > 50) process.stdout.write(`… and ${violations.length - 50} more in violations.txt\n`);
if (violations.length > 0 || values.keep) print(`logs, ledger, faults and violations are in ${directory}`);
else rmSync(directory, { recursive: true, force: true });
process.exit(violations.length > 0 ? 1 : 0);
