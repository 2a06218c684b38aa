import { parseArgs } from 'node:util';
import { describeFailure, runSeeds } from './run-seeds.js';
import { simulationCore } from './simulation-core.js';

const progressEveryMs = 3000;

function numberOf(text: string | undefined, otherwise: number, name: string): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`--${name} needs a whole number, not ${JSON.stringify(text)}`);
  return value;
}

async function main(): Promise<number> {
  const options = { seeds: { type: 'string' }, seed: { type: 'string' }, lines: { type: 'string' } } as const;
  const { values } = parseArgs({ options });
  const first = numberOf(values.seed, 1, 'seed');
  const count = numberOf(values.seeds, values.seed === undefined ? 2000 : 1, 'seeds');
  const begun = performance.now();
  let told = begun;
  let done = 0;
  const report = await runSeeds({ first, count }, { core: simulationCore() }, () => {
    done += 1;
    if (performance.now() - told < progressEveryMs) return;
    told = performance.now();
    process.stderr.write(`${done} of ${count} seeds, ${Math.round((done * 1000) / (told - begun))} seeds/s\n`);
  });
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  const figures = `${report.seeds} seeds in ${seconds} s: ${report.events} events, ${report.records} records, ${report.fences} fences, ${report.replies} replies`;
  if (report.failure === undefined) {
    process.stdout.write(`${figures}, no invariant broken\n`);
    return 0;
  }
  process.stdout.write(`${figures}\n${describeFailure(report.failure, numberOf(values.lines, 200, 'lines'))}\n`);
  return 1;
}

process.on('unhandledRejection', (error) => {
  process.stdout.write(`I-20: an error was thrown out of the runtime: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
process.exitCode = await main();
