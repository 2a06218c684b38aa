/** What a member measured of one partition that it owns, averaged over about a minute. */
export interface PartitionLoad {
  /** Events appended per second. */
  readonly eventsPerSecond: number;
  /** Time that stages of its executions were busy, milliseconds per second; above 1,000 where several run at once. */
  readonly stageMsPerSecond: number;
}

/** What a member says it holds when it joins. */
export interface Claim {
  readonly memberId: string;
  /** Partitions of its latest assignment. */
  readonly owned: readonly number[];
  /** The group generation of that assignment; -1 = none yet. The higher one wins where two claim the same partition. */
  readonly generation: number;
  /** By owned partition. One that is missing was not measured, or not for long enough, or its member is of an older version. */
  readonly loads?: ReadonlyMap<number, PartitionLoad>;
}

/** Engine time that one event costs, from the benchmark of small workflows: decide, append, evolve, reply. */
const eventCostUs = 50;

/** Load as one whole number: microseconds of processor time per second. Whole, so that sums do not depend on their order. */
export function loadUs({ eventsPerSecond, stageMsPerSecond }: PartitionLoad): number {
  return Math.round(eventsPerSecond * eventCostUs + stageMsPerSecond * 1_000);
}
