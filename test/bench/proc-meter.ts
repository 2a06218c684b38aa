import { readdirSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';

const ticksPerSecond = 100;

/** CPU seconds and memory of named groups of process trees, from /proc, between `start` and `stop`. */
export class ProcMeter {
  readonly #groups: Readonly<Record<string, readonly number[]>>;
  #cpu: Record<string, number> = {};
  #client = process.cpuUsage();
  #busy = busySeconds();
  #startedAt = performance.now();
  #load = loadavg()[0] ?? 0;
  #peakMiB: Record<string, number> = {};
  #timer: NodeJS.Timeout | undefined;

  constructor(groups: Readonly<Record<string, readonly number[]>>) {
    this.#groups = groups;
  }

  start(): this {
    this.#cpu = this.#cpuNow();
    this.#client = process.cpuUsage();
    this.#busy = busySeconds();
    this.#startedAt = performance.now();
    this.#load = loadavg()[0] ?? 0;
    this.#sampleMemory();
    this.#timer = setInterval(() => this.#sampleMemory(), 1_000);
    return this;
  }

  /** CPU seconds by group and in all, the client's apart; peak memory in MiB (PSS); what else kept the machine busy, in cores. */
  stop() {
    clearInterval(this.#timer);
    this.#sampleMemory();
    const seconds = (performance.now() - this.#startedAt) / 1_000;
    const now = this.#cpuNow();
    const cpu = Object.fromEntries(Object.keys(this.#groups).map((name) => [name, round((now[name] ?? 0) - (this.#cpu[name] ?? 0))]));
    const used = process.cpuUsage(this.#client);
    const clientCpu = round((used.user + used.system) / 1e6);
    const serverCpu = round(Object.values(cpu).reduce((sum, value) => sum + value, 0));
    const otherCores = round(Math.max(0, busySeconds() - this.#busy - serverCpu - clientCpu) / seconds);
    return {
      seconds: round(seconds),
      cpu,
      serverCpu,
      clientCpu,
      peakMiB: this.#peakMiB,
      otherCores,
      load: [round(this.#load), round(loadavg()[0] ?? 0)],
    };
  }

  #cpuNow(): Record<string, number> {
    return this.#perGroup((pid) => processTree(pid).reduce((sum, member) => sum + cpuSeconds(member), 0));
  }

  #sampleMemory(): void {
    const now = this.#perGroup((pid) => processTree(pid).reduce((sum, member) => sum + pssMiB(member), 0));
    const total = Object.values(now).reduce((sum, value) => sum + value, 0);
    for (const [name, value] of Object.entries({ ...now, total }))
      this.#peakMiB[name] = Math.max(this.#peakMiB[name] ?? 0, Math.round(value));
  }

  #perGroup(measure: (pid: number) => number): Record<string, number> {
    return Object.fromEntries(Object.entries(this.#groups).map(([name, pids]) => [name, pids.reduce((sum, pid) => sum + measure(pid), 0)]));
  }
}

/** Waits until the rest of the machine uses less than `cores`, at most `maxMs`. Returns what it saw last. */
export async function waitForQuiet(maxMs = 30_000, cores = 0.25): Promise<{ waitedMs: number; busyCores: number }> {
  const started = performance.now();
  for (;;) {
    const before = busySeconds();
    const from = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const busyCores = round((busySeconds() - before) / ((performance.now() - from) / 1_000));
    const waitedMs = Math.round(performance.now() - started);
    if (busyCores < cores || waitedMs > maxMs) return { waitedMs, busyCores };
  }
}

function processTree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = Number(statFields(Number(entry))[1] ?? 0);
    children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/** The fields of /proc/pid/stat after the command's name; empty when the process is gone. */
function statFields(pid: number): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return []; // it ended between two looks
  }
}

function cpuSeconds(pid: number): number {
  const fields = statFields(pid);
  return [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index] ?? 0), 0) / ticksPerSecond;
}

function pssMiB(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1_024;
  } catch {
    return 0; // it ended between two looks
  }
}

function busySeconds(): number {
  const fields = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').trim().split(/\s+/).slice(1).map(Number);
  return [0, 1, 2, 5, 6, 7].reduce((sum, index) => sum + (fields[index] ?? 0), 0) / ticksPerSecond;
}

export function round(value: number): number {
  return Math.round(value * 100) / 100;
}
