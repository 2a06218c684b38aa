import { parseArgs } from 'node:util';
import { emitLine } from './emit.js';
import type { Workload } from './workload.js';
import { failover } from './workloads/failover.js';
import { flow } from './workloads/flow.js';
import { isolation } from './workloads/isolation.js';
import { kills } from './workloads/kills.js';
import { moves } from './workloads/moves.js';
import { requestLatency } from './workloads/reads.js';
import { recovery } from './workloads/recovery.js';
import { restart } from './workloads/restart.js';
import { scale } from './workloads/scale.js';
import { stageMix } from './workloads/stage-mix.js';
import { throughput, throughputWorkloads } from './workloads/throughput.js';
import { waiting } from './workloads/waiting.js';

/** `npm run bench -- [workload …] [--runs N] [--size N] [--flush]`: one JSON line per run; without names, all of them. */
const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: { runs: { type: 'string', default: '3' }, size: { type: 'string' }, flush: { type: 'boolean', default: false } },
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1)); // its servers end with it
const workloads: Readonly<Record<string, Workload>> = {
  latency: (emit, options) => requestLatency(emit, options.runs),
  'stage-mix': stageMix,
  waiting,
  failover,
  kills,
  moves,
  restart,
  recovery,
  flow,
  isolation,
  scale,
};
const runs = Number(values.runs);
const size = values.size === undefined ? undefined : Number(values.size);
const known: readonly string[] = [...throughputWorkloads, ...Object.keys(workloads)];
const isCount = (value: number) => Number.isInteger(value) && value >= 1;
if (positionals.some((name) => !known.includes(name)) || !isCount(runs) || (size !== undefined && !isCount(size))) {
  process.stderr.write(`usage: npm run bench -- [${known.join('|')}]… [--runs N] [--size N] [--flush]\n`);
  process.exit(1);
}
const wanted = (name: string) => positionals.length === 0 || positionals.includes(name);
const only = throughputWorkloads.filter(wanted);
if (only.length > 0) await throughput(emitLine, { only, runs, flush: values.flush });
for (const [name, workload] of Object.entries(workloads)) if (wanted(name)) await workload(emitLine, { runs, size });
