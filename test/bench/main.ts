import { parseArgs } from 'node:util';
import { emitLine } from './emit.js';
import { requestLatency } from './workloads/reads.js';
import { throughput, throughputWorkloads } from './workloads/throughput.js';

/** `npm run bench -- [workload …] [--runs N] [--flush]`: one JSON line per run; without names, all of them. */
const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: { runs: { type: 'string', default: '3' }, flush: { type: 'boolean', default: false } },
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1)); // its servers end with it
const runs = Number(values.runs);
const known: readonly string[] = [...throughputWorkloads, 'latency'];
const unknown = positionals.filter((name) => !known.includes(name));
if (unknown.length > 0 || !Number.isInteger(runs) || runs < 1) {
  process.stderr.write(`usage: npm run bench -- [${known.join('|')}]… [--runs N] [--flush]\n`);
  process.exit(1);
}
const wanted = (name: string) => positionals.length === 0 || positionals.includes(name);
const only = throughputWorkloads.filter(wanted);
if (only.length > 0) await throughput(emitLine, { only, runs, flush: values.flush });
if (wanted('latency')) await requestLatency(emitLine, runs);
