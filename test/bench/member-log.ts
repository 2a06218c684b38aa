import type { AppProcess } from '#testing/cluster';
import { engineEvents } from './engine-log.js';

/** When the engines said, of one member that went: suspected, put out of the group, new assignment. Epoch milliseconds. */
export interface Stages {
  readonly suspected?: number;
  readonly assigned?: number;
}

interface MemberFields {
  readonly member?: string;
  readonly gained?: unknown[];
}

/** The first of each, over these engines, since then; they must run at log level `info`. */
export function stagesOf(engines: readonly AppProcess[], member: string, since: number): Stages {
  const lines = engines.flatMap((engine) => engineEvents<MemberFields>(engine, since));
  const suspected = earliest(lines.filter((line) => line.event === 'member.suspected' && line.member === member));
  const assigned = latest(lines.filter((line) => line.event === 'shard.rebalance' && (line.gained?.length ?? 0) > 0));
  return { ...(suspected === undefined ? {} : { suspected }), ...(assigned === undefined ? {} : { assigned }) };
}

const timesOf = (lines: readonly { readonly time: string }[]) => lines.map(({ time }) => Date.parse(time));

function earliest(lines: readonly { readonly time: string }[]): number | undefined {
  return lines.length === 0 ? undefined : Math.min(...timesOf(lines));
}

function latest(lines: readonly { readonly time: string }[]): number | undefined {
  return lines.length === 0 ? undefined : Math.max(...timesOf(lines));
}
