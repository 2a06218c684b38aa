/** By member, in the order in which they joined: what it was given. */
type Assigned = ReadonlyMap<string, readonly number[]>;

/**
 * Moves what a member has declined, because it does not get on with it, to one that has not, in exchange for another partition where
 * the other has as many. What everybody declines stays where it is. Deterministic; counts do not change.
 */
export function respectDeclined(assigned: Assigned, declined: ReadonlyMap<string, readonly number[]>): Map<string, number[]> {
  const result = new Map([...assigned].map(([member, partitions]) => [member, [...partitions]]));
  const refuses = (member: string, partition: number) => declined.get(member)?.includes(partition) ?? false;
  for (const [member, partitions] of assigned)
    for (const partition of partitions) if (refuses(member, partition)) move(result, { partition, from: member, refuses });
  return result;
}

interface Move {
  readonly partition: number;
  readonly from: string;
  readonly refuses: (member: string, partition: number) => boolean;
}

function move(result: Map<string, number[]>, { partition, from, refuses }: Move): void {
  const own = result.get(from) ?? [];
  const takers = [...result].filter(([member]) => member !== from && !refuses(member, partition));
  takers.sort(([, a], [, b]) => a.length - b.length);
  for (const [, theirs] of takers) {
    const returned = theirs.length < own.length ? undefined : theirs.find((other) => !refuses(from, other));
    if (returned === undefined && theirs.length >= own.length) continue;
    own.splice(own.indexOf(partition), 1, ...(returned === undefined ? [] : [returned]));
    if (returned === undefined) theirs.push(partition);
    else theirs.splice(theirs.indexOf(returned), 1, partition);
    return;
  }
}
