import type { AbortUnit, DispatchUnit, Json, UnitOutcome } from '#core';
import { entityKey } from '#protocol';
import type { PartitionContext } from '../control/context.js';
import { settledWithin } from '../control/waiting.js';
import type { SignalInput } from '../mailbox/inputs.js';
import type { RunningWork, WorkListener } from '../ports/work-runner.js';
import { OpenDispatch } from './open-dispatch.js';

const endWaitMs = 10_000;

/** Attempts that run in this process for this partition (L6): only their outcomes and checkpoints count. */
export class DispatchTable {
  readonly #open = new Map<string, Map<string, OpenDispatch>>();
  /** Threads that were told to stop and may still run, by execution and unit. */
  readonly #ending = new Map<string, Promise<void>>();
  #startsNothing = false;
  #whenIdle: (() => void)[] = [];

  constructor(
    readonly context: PartitionContext,
    readonly report: (input: SignalInput) => void,
  ) {}

  /** Whether the execution has an open attempt: then it stays in memory. */
  has(executionKey: string): boolean {
    return this.#open.has(executionKey);
  }

  isOpen(executionKey: string, unitId: string, attempt: number): boolean {
    return this.#open.get(executionKey)?.get(unitId)?.attempt === attempt;
  }

  /** Starts an attempt, after whatever still runs of the same unit has ended (L6). */
  start(dispatch: DispatchUnit): void {
    if (this.#startsNothing) return;
    const executionKey = entityKey(dispatch.workflowId, dispatch.executionId);
    const unitId = dispatch.unit.id;
    this.close(executionKey, unitId, 'lost');
    const open = new OpenDispatch(executionKey, unitId, dispatch.attempt);
    const units = this.#open.get(executionKey) ?? new Map<string, OpenDispatch>();
    this.#open.set(executionKey, units.set(unitId, open));
    const before = this.#ending.get(`${executionKey}/${unitId}`);
    if (before === undefined || !this.context.rules.ownDispatch) this.#run(dispatch, open);
    else void before.then(() => this.#run(dispatch, open));
  }

  /** In which node the execution's running stages are, by unit; what is not known is left out. */
  whereabouts(executionKey: string): Readonly<Record<string, string>> {
    const places: Record<string, string> = {};
    for (const { unitId, running } of this.#open.get(executionKey)?.values() ?? []) {
      const nodeId = running?.at?.();
      if (nodeId !== undefined) places[unitId] = nodeId;
    }
    return places;
  }

  abort({ unitId, attempt, reason }: AbortUnit, executionKey: string): void {
    if (this.isOpen(executionKey, unitId, attempt)) this.close(executionKey, unitId, reason);
  }

  /** The attempt counts no more: it is told to stop where it still runs. */
  close(executionKey: string, unitId: string, reason: 'cancelled' | 'timed_out' | 'lost'): void {
    const open = this.#open.get(executionKey)?.get(unitId);
    if (open === undefined) return;
    this.#forget(open);
    open.close(reason);
  }

  /** Closes every open attempt of an execution that `keep` does not want. */
  closeOthers(executionKey: string, keep: (unitId: string, attempt: number) => boolean): void {
    for (const { unitId, attempt } of [...(this.#open.get(executionKey)?.values() ?? [])])
      if (!keep(unitId, attempt)) this.close(executionKey, unitId, 'lost');
  }

  /** Resolves when nothing of a unit runs here that was told to stop. */
  async ended(executionKey: string, unitId: string): Promise<void> {
    await this.#ending.get(`${executionKey}/${unitId}`);
  }

  /** The partition is handed off: what is started from now on is the next owner's. */
  startNothing(): void {
    this.#startsNothing = true;
  }

  /** Resolves when no attempt is open. */
  whenIdle(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenIdle.push(resolve);
    });
  }

  closeAll(): void {
    for (const [executionKey, units] of [...this.#open]) for (const unitId of [...units.keys()]) this.close(executionKey, unitId, 'lost');
  }

  /** Abandons everything; resolves when nothing runs any more, or after ten seconds. */
  async abandonAll(): Promise<void> {
    this.#startsNothing = true;
    this.closeAll();
    if (this.#ending.size === 0) return;
    await settledWithin(this.context.clock, Promise.allSettled(this.#ending.values()), endWaitMs);
  }

  #run(dispatch: DispatchUnit, open: OpenDispatch): void {
    if (open.isClosed) return;
    const { type: _type, ...work } = dispatch;
    const { partition, standing, ports } = this.context;
    const idempotencyKey = `${dispatch.workflowId}/${dispatch.executionId}/${open.unitId}/${open.attempt}`;
    const listener = this.#listen(dispatch, open);
    const running = ports.work.start({ ...work, partition, epoch: standing.epoch, idempotencyKey }, listener);
    open.running = running;
    this.#track(`${open.executionKey}/${open.unitId}`, running);
  }

  #track(name: string, running: RunningWork): void {
    const ended = running.ended.then(() => {
      if (this.#ending.get(name) === ended) this.#ending.delete(name);
    });
    this.#ending.set(name, ended);
  }

  #listen(dispatch: DispatchUnit, open: OpenDispatch): WorkListener {
    const counts = () => !open.isClosed || !this.context.rules.ownDispatch;
    return {
      progressed: (checkpoint) => (counts() ? this.#progressed(dispatch, open, checkpoint) : Promise.resolve('lost')),
      finished: (outcome) => {
        if (counts()) this.#finished(dispatch, open, outcome);
      },
      log: (nodeId, text) => this.context.ports.observer.executionLogged?.(dispatch.workflowId, dispatch.executionId, nodeId, text),
    };
  }

  #progressed(dispatch: DispatchUnit, open: OpenDispatch, checkpoint: Json): Promise<'confirmed' | 'lost'> {
    return new Promise((resolve) => {
      open.onClose(() => resolve('lost'));
      const signal = { type: 'NodeProgressReported', ...this.#about(dispatch, open), checkpoint } as const;
      const settled = (changed: boolean) => resolve(changed && !open.isClosed ? 'confirmed' : 'lost');
      this.report({ kind: 'signal', signal, entityKey: open.executionKey, settled });
    });
  }

  #finished(dispatch: DispatchUnit, open: OpenDispatch, outcome: UnitOutcome): void {
    const signal = { type: 'NodeOutcomeReported', ...this.#about(dispatch, open), outcome } as const;
    const settled = () => this.#forget(open);
    this.report({ kind: 'signal', signal, entityKey: open.executionKey, settled });
  }

  #about({ workflowId, executionId }: DispatchUnit, { unitId, attempt }: OpenDispatch) {
    return { workflowId, executionId, unitId, attempt, now: this.context.clock.now() };
  }

  #forget(open: OpenDispatch): void {
    open.markClosed();
    const units = this.#open.get(open.executionKey);
    if (units?.get(open.unitId) !== open) return;
    units.delete(open.unitId);
    if (units.size === 0) this.#open.delete(open.executionKey);
    if (this.#open.size > 0 || this.#whenIdle.length === 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}
