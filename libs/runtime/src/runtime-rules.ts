/**
 * One switch per rule of docs/invariants.md. All are on in production; the simulation turns them off one at a time to
 * show that it would notice (a mutant). Nothing else may set them.
 */
export interface RuntimeRules {
  /** L1: a new owner appends a fence; off: it goes on under the epoch it finds. */
  readonly fence: boolean;
  /** L2, V1: a record must lie at its stamped offset. */
  readonly stamp: boolean;
  /** V1: records of other epochs are skipped. */
  readonly validity: boolean;
  /** V2: an event applies only as the next of its entity. */
  readonly sequence: boolean;
  /** V3: recovery only evolves; off: it also acts on what it reads. */
  readonly evolveOnly: boolean;
  /** L3: a decision's events go in one append; off: an append goes out in two halves. */
  readonly atomic: boolean;
  /** L5: an append that lands elsewhere than expected puts the partition in doubt. */
  readonly continuity: boolean;
  /** L5: no answer means in doubt; off: it counts as not written. */
  readonly doubt: boolean;
  /** L5: only a member may fence again. */
  readonly membership: boolean;
  /** L6: inputs wait for their confirmation. */
  readonly inputsWait: boolean;
  /** L6: an outcome counts only from this runtime's own open dispatch. */
  readonly ownDispatch: boolean;
  /** L7: `commandOffset` is a low-water mark; off: the highest decided. */
  readonly commandLowWater: boolean;
  /** L8: replies after the append is confirmed. */
  readonly answerAfterConfirm: boolean;
  /** L8: a start is a confirmed fact before its dispatch. */
  readonly startedBeforeDispatch: boolean;
  /** L8: refusals and repeats are appended before they are answered. */
  readonly refusalsAppended: boolean;
  /** L8: a query needs a fresh confirmation. */
  readonly confirmBeforeQuery: boolean;
  /** L9: the checkpoint stops at the oldest event that is not snapshotted. */
  readonly checkpointWhole: boolean;
  /** L10: an entity leaves memory only after its snapshot is confirmed. */
  readonly evictAfterSnapshot: boolean;
  /** L11: checkpoint and log must belong together. */
  readonly sameLog: boolean;
  /** L11: an owner whose broker was out of sight looks at its log before it appends. */
  readonly auditUnseen: boolean;
  /** Commands expire by the broker's time; off: by the owner's wall clock. */
  readonly brokerTime: boolean;
  /** L12: a new owner sends what it finds unmarked. */
  readonly outboxRecovered: boolean;
  /** L12: a message is marked once it is sent; off: before. */
  readonly sentBeforeMarked: boolean;
  /** L12: a change of a spread workflow is answered once its shards must hear of it. */
  readonly answerAfterSent: boolean;
  /** The same `commandId` gets the first answer. */
  readonly dedupe: boolean;
}

/** Every rule on: what production runs. */
export const allRules: RuntimeRules = {
  fence: true,
  stamp: true,
  validity: true,
  sequence: true,
  evolveOnly: true,
  atomic: true,
  continuity: true,
  doubt: true,
  membership: true,
  inputsWait: true,
  ownDispatch: true,
  commandLowWater: true,
  answerAfterConfirm: true,
  startedBeforeDispatch: true,
  refusalsAppended: true,
  confirmBeforeQuery: true,
  checkpointWhole: true,
  evictAfterSnapshot: true,
  sameLog: true,
  auditUnseen: true,
  brokerTime: true,
  outboxRecovered: true,
  sentBeforeMarked: true,
  answerAfterSent: true,
  dedupe: true,
};
