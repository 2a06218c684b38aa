import { emitLine } from './emit.js';
import { requestLatency } from './workloads/reads.js';
import { throughput } from './workloads/throughput.js';

/** `npm run bench -- [workload …] [--runs N]`: prints one JSON line per run. Without names, all of them. */
const workloads: Readonly<Record<string, (runs: number) => Promise<void>>> = {
  throughput: (runs) => throughput(emitLine, runs),
  'throughput-flush': (runs) => throughput(emitLine, runs, { 'log.flush.interval.messages': '1' }, ' (broker flushes every message)'),
  latency: (runs) => requestLatency(emitLine, runs),
};

const args = process.argv.slice(2);
const runsAt = args.indexOf('--runs');
const runs = runsAt < 0 ? 3 : Number(args[runsAt + 1]);
const names = args.filter((_, i) => runsAt < 0 || (i !== runsAt && i !== runsAt + 1));
const unknown = names.filter((name) => !(name in workloads));
if (unknown.length > 0 || !(runs >= 1)) {
  process.stderr.write(`usage: npm run bench -- [${Object.keys(workloads).join('|')}]… [--runs N]\n`);
  process.exit(1);
}
for (const name of names.length > 0 ? names : Object.keys(workloads)) await workloads[name]?.(runs);
