import type { ExecutionState, Json, WorkflowState } from '#core';
import type { StoredRecord } from '#protocol';
import type { Work } from '#runtime';
import type { CommandTopic, EventLogBroker, SentReply, SnapshotDatabase } from '../memory/index.js';
import { AttemptLedger } from './attempt-ledger.js';
import type { InvariantId, Violation } from './invariants.js';
import { LateRefusals } from './late-refusals.js';
import { type DecisionEntry, PartitionHistory } from './partition-history.js';
import { checkFinalPosition, checkPosition } from './position-check.js';
import { ReplyLedger } from './reply-ledger.js';
import { checkEffects, checkShards, checkToldAfterSent } from './shard-check.js';
import { checkStored } from './stored-check.js';

export interface Checked {
  readonly broker: EventLogBroker;
  readonly topic: CommandTopic;
  readonly database: SnapshotDatabase;
  readonly now: () => number;
  readonly dedupeWindowMs: number;
}

/** Watches a run from outside: reads every append as it lands and holds everything else against it. */
export class Checker {
  violation: Violation | undefined;
  readonly replies: ReplyLedger;
  readonly lateRefusals: LateRefusals;
  #attempts: AttemptLedger;
  readonly #histories = new Map<number, PartitionHistory>();
  readonly #checked: Checked;
  readonly #startAt: number;
  /** Once a log has lost its tail, what was said or begun before it cannot be held against anybody. */
  #isTorn = false;
  readonly #mustWait = new Set<number>();
  /** Units that ever ran; what is started and ended in one append never does. */
  readonly #begun = new Set<string>();
  /** Units of ended executions whose leftovers were removed. */
  readonly #removed = new Set<string>();

  constructor(checked: Checked) {
    this.#checked = checked;
    this.#startAt = checked.now();
    this.replies = new ReplyLedger(this.fail);
    this.lateRefusals = new LateRefusals(this.fail, checked.dedupeWindowMs);
    this.#attempts = new AttemptLedger(this.fail);
  }

  /** The first complaint ends the run. */
  readonly fail = (invariant: InvariantId, message: string): void => {
    this.violation ??= { invariant, message, atMs: this.#checked.now() - this.#startAt };
  };

  history(partition: number): PartitionHistory {
    let history = this.#histories.get(partition);
    if (history === undefined) {
      history = new PartitionHistory(this.fail);
      this.#histories.set(partition, history);
    }
    return history;
  }

  histories(): readonly PartitionHistory[] {
    return [...this.#histories.values()];
  }

  decisionsOf = (commandId: string): readonly DecisionEntry[] => this.histories().flatMap((one) => one.decisions.get(commandId) ?? []);

  appended(partition: number, records: readonly StoredRecord[]): void {
    const history = this.history(partition);
    const before = history.positions.length;
    for (const record of records) {
      this.lateRefusals.appended(record);
      const applied = history.read(record);
      if (applied !== undefined) this.#attempts.applied(applied);
    }
    if (history.positions.length === before) return;
    checkPosition(partition, history, this.#checked.topic, this.fail);
    this.#checkCounts(history);
  }

  stored(partition: number): void {
    if (!this.#isTorn) this.checkStored(partition);
  }

  checkStored(partition: number): void {
    checkStored(this.#checked.database.tables(partition), this.history(partition), this.fail);
  }

  replied(sent: SentReply): void {
    if (this.#isTorn) return;
    const decisions = this.decisionsOf(sent.reply.commandId);
    this.replies.replied(sent, decisions);
    if (sent.reply.ok) checkToldAfterSent(decisions, this.#histories, this.#checked.topic, this.fail);
  }

  /** At rest; `areWhole`: no commands topic has lost anything. */
  checkEnd(areWhole: boolean): void {
    this.replies.checkEnd(this.decisionsOf);
    checkEffects(this.histories(), this.fail);
    if (areWhole) checkShards(this.#histories, this.#checked.topic.partitions, this.fail);
  }

  dispatched(work: Work, instance: string): void {
    this.#begun.add(`${work.workflowId}/${work.executionId}/${work.unit.id}`);
    if (!this.#isTorn) this.#attempts.dispatched(work, instance);
  }

  stopped(work: Work, instance: string): void {
    this.#attempts.stopped(work, instance);
  }

  confirmed(work: Work, checkpoint: Json): void {
    if (!this.#isTorn) this.#attempts.confirmed(work, checkpoint);
  }

  removed(unit: string): void {
    this.#removed.add(unit);
  }

  /** I-27, at rest. */
  checkLeftovers(partition: number): void {
    if (this.#isTorn) return;
    for (const { key, state } of this.history(partition).entities.values()) {
      if (state.status !== 'finished') continue;
      for (const [unitId, { status, ...node }] of Object.entries(state.nodes)) {
        const isStage = 'nodeType' in node && node.nodeType === 'test.source' && this.#begun.has(`${key}/${unitId}`);
        if (isStage && (status === 'failed' || status === 'cancelled') && !this.#removed.has(`${key}/${unitId}`))
          this.fail('I-27', `${key} ended, and nobody removed what ${unitId} left`);
      }
    }
  }

  get isTorn(): boolean {
    return this.#isTorn;
  }

  /** I-13: what a reader finds today, from its start and from the middle, is what was there when it landed. */
  reread(partition: number): void {
    const history = this.history(partition);
    const reader = new PartitionHistory(this.fail);
    for (const record of this.#checked.broker.all(partition)) reader.read(record);
    const missing = history.validOffsets.find((offset, index) => reader.validOffsets[index] !== offset);
    if (missing !== undefined || reader.validOffsets.length !== history.validOffsets.length) {
      this.fail(
        'I-13',
        `partition ${partition}: a reader misses or invents a valid record near offset ${missing ?? reader.validOffsets.at(-1)}`,
      );
    }
  }

  /** The log has lost its tail: the history starts again from what is left. */
  truncated(partition: number): void {
    this.#isTorn = true;
    this.#attempts = new AttemptLedger(this.fail);
    this.replies.forget();
    for (const other of new Set([...this.#histories.keys(), partition])) {
      this.#histories.delete(other);
      const history = this.history(other);
      history.mustWait = this.#mustWait.has(other);
      for (const record of this.#checked.broker.all(other)) {
        const applied = history.read(record);
        if (applied !== undefined) this.#attempts.applied(applied);
      }
    }
  }

  /** The commands topic was recreated. */
  commandsReplaced(partition: number): void {
    this.history(partition).settledCommands.clear();
  }

  /** At rest. */
  checkFinalPosition(partition: number): void {
    checkFinalPosition(partition, this.history(partition), this.#checked.topic, this.fail);
  }

  /** The log was recreated; `mustWait`: commands that it had decided are kept (I-25). */
  eventsReplaced(partition: number, mustWait: boolean): void {
    this.#mustWait.delete(partition);
    if (mustWait) this.#mustWait.add(partition);
    this.truncated(partition);
  }

  #checkCounts(history: PartitionHistory): void {
    const running = new Map<string, number>();
    for (const { key, kind, state } of history.entities.values()) {
      if (kind !== 'execution' || isEnded(state)) continue;
      const workflowId = key.slice(0, key.indexOf('/'));
      running.set(workflowId, (running.get(workflowId) ?? 0) + 1);
    }
    for (const { key, kind, state } of history.entities.values()) {
      if (kind !== 'workflow' || !('runningCount' in state)) continue;
      const found = running.get(key) ?? 0;
      if (state.runningCount !== found)
        this.fail('I-17', `workflow ${key} counts ${state.runningCount} unfinished executions, there are ${found}`);
    }
  }
}

function isEnded(state: WorkflowState | ExecutionState): boolean {
  return state.status === 'finished' || state.status === 'notStarted';
}
