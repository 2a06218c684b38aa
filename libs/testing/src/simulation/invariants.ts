/** What the simulation holds against every run; docs/invariants.md says more. */
export const invariants = {
  'I-01': 'a valid event is the next one of its entity: no hole, no repeat',
  'I-02': 'nothing follows a terminal fact',
  'I-03': 'an attempt starts once, ends at most once, and progresses only in between',
  'I-04': 'a command takes effect at most once',
  'I-05': 'the intake position never passes an undecided command and never moves back',
  'I-06': 'a reply says what the history says, and not before the history does',
  'I-07': 'the same command gets the same answer',
  'I-08': 'a dispatch follows its confirmed start, once per attempt, and never a confirmed outcome',
  'I-09': 'an outcome in the log comes from the dispatch of the epoch in force',
  'I-10': 'a stage resumes at its last confirmed checkpoint; what was called confirmed is in the log',
  'I-11': 'a stored snapshot equals the fold of the log up to its seq',
  'I-12': 'a stored checkpoint is covered by the snapshots, and its position is the one in force at its offset',
  'I-13': 'every reader, at any start and after any compaction, finds the same valid records',
  'I-14': 'once the faults end, everything ends or waits for a named reason, within a bounded time',
  'I-15': 'at rest the owner answers what the log says',
  'I-16': 'a query is not answered from a view that is stale; "not found" never',
  'I-17': 'after every append a workflow counts exactly its unfinished executions',
  'I-18': 'the committed group offset is never ahead of the log',
  'I-19': 'no partition halts and no entity is quarantined without a named cause',
  'I-20': 'nothing is thrown out of the runtime',
  'I-21': 'every poison command is put aside and every misplaced one forwarded',
  'I-22': 'owners do not fence each other without end',
  'I-23': 'two attempts of one unit never run at a time in one process',
  'I-24': 'every acknowledged command is in the history at the end',
  'I-25': 'where the event log is gone and its commands are not, nothing is decided before an operator accepts it',
  'I-26': 'a command that is refused for its time is late by the time of the broker',
  'I-27': 'what the stages of an ended execution left behind is removed',
  'I-28': 'a change of a spread workflow is acknowledged once it is sent to all its shards; at rest they all know it',
} as const;

export type InvariantId = keyof typeof invariants;

/** The first invariant that a run broke. */
export interface Violation {
  readonly invariant: InvariantId;
  readonly message: string;
  /** Virtual milliseconds since the run began. */
  readonly atMs: number;
}
