import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AppProcess } from '#testing/cluster';

/** When the engines said, of one member that went: suspected, put out of the group, new assignment. Epoch milliseconds. */
export interface Stages {
  readonly suspected?: number;
  readonly assigned?: number;
}

interface Line {
  readonly time: string;
  readonly event?: string;
  readonly member?: string;
  readonly gained?: unknown[];
}

/** The first of each, over these engines, since then; they must run at log level `info`. */
export function stagesOf(engines: readonly AppProcess[], member: string, since: number): Stages {
  const lines = engines.flatMap((engine) => linesOf(engine)).filter(({ time }) => Date.parse(time) >= since);
  const suspected = earliest(lines.filter((line) => line.event === 'member.suspected' && line.member === member));
  const assigned = latest(lines.filter((line) => line.event === 'shard.rebalance' && (line.gained?.length ?? 0) > 0));
  return { ...(suspected === undefined ? {} : { suspected }), ...(assigned === undefined ? {} : { assigned }) };
}

function linesOf(engine: AppProcess): Line[] {
  const text = readFileSync(join(engine.options.logDirectory, `${engine.instance}.log`), 'utf8');
  return text
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}') && line.includes('"event"'))
    .map((line) => JSON.parse(line) as Line);
}

const timesOf = (lines: readonly Line[]) => lines.map(({ time }) => Date.parse(time));

function earliest(lines: readonly Line[]): number | undefined {
  return lines.length === 0 ? undefined : Math.min(...timesOf(lines));
}

function latest(lines: readonly Line[]): number | undefined {
  return lines.length === 0 ? undefined : Math.max(...timesOf(lines));
}
