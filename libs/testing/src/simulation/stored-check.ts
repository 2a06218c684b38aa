import type { CheckpointRow, Snapshot } from '#runtime';
import type { Complaint, PartitionHistory } from './partition-history.js';

/** I-11, I-12: what the database holds is what the log says, and the checkpoint promises no more than the snapshots keep. */
export function checkStored(
  tables: { readonly row: CheckpointRow | undefined; readonly snapshots: ReadonlyMap<string, Snapshot> },
  history: PartitionHistory,
  complain: Complaint,
): void {
  const { row, snapshots } = tables;
  for (const snapshot of snapshots.values()) checkSnapshot(snapshot, history, complain);
  if (row === undefined) return;
  for (const { key, offsets } of history.entities.values()) {
    const covered = countBelow(offsets, row.offset);
    const stored = snapshots.get(key)?.seq ?? 0;
    if (stored < covered) complain('I-12', `checkpoint ${row.offset} covers ${key} up to seq ${covered}, its snapshot stands at ${stored}`);
  }
  const epoch = history.epochAt(row.offset);
  if (epoch !== row.epochAtOffset) complain('I-12', `checkpoint ${row.offset} names epoch ${row.epochAtOffset}, the log has ${epoch}`);
  const position = history.positionAt(row.offset);
  const listed = new Set(position.decidedAbove);
  const isDecided = (offset: number): boolean => offset <= position.commandOffset || listed.has(offset);
  let promised = row.commandOffset;
  while (promised > position.commandOffset && listed.has(promised)) promised -= 1;
  if (promised > position.commandOffset || !row.decidedAbove.every(isDecided))
    complain(
      'I-12',
      `checkpoint ${row.offset} remembers commands up to ${row.commandOffset}, the log up to ${position.commandOffset} there`,
    );
}

function checkSnapshot(snapshot: Snapshot, history: PartitionHistory, complain: Complaint): void {
  if (history.verifiedSnapshots.has(snapshot)) return;
  history.verifiedSnapshots.add(snapshot);
  const state = history.entities.get(snapshot.key)?.states[snapshot.seq - 1];
  if (state === undefined) complain('I-11', `${snapshot.key} is stored at seq ${snapshot.seq}, which the log does not have`);
  else if (JSON.stringify(state) !== JSON.stringify(snapshot.state)) {
    complain(
      'I-11',
      `${snapshot.key} at seq ${snapshot.seq} is stored as ${JSON.stringify(snapshot.state)}, the log says ${JSON.stringify(state)}`,
    );
  }
}

function countBelow(offsets: readonly number[], offset: number): number {
  const index = offsets.findIndex((one) => one >= offset);
  return index < 0 ? offsets.length : index;
}
