import type { AcceptAnswer, HaltAcceptance, OwnerAnswer, OwnerQuery } from '#protocol';
import { StoreChangedError } from './checkpoint/from-store.js';
import { KnownRow } from './checkpoint/known-row.js';
import type { PartitionContext } from './control/context.js';
import { partitionStatus } from './control/partition-status.js';
import { ProgressWatch } from './control/progress-watch.js';
import { Standing } from './control/standing.js';
import { StoppedError, settledWithin } from './control/waiting.js';
import { FatalError } from './ports/errors.js';
import { Acceptance } from './recovery/acceptance.js';
import { beginOwnership } from './recovery/begin.js';
import { Rooms } from './rooms.js';
import type { PartitionStatus, RuntimePorts, RuntimeSettings } from './runtime-api.js';
import { allRules, type RuntimeRules } from './runtime-rules.js';
import { ClockSkew } from './timers/clock-skew.js';

/** How long a partition that is handed off waits for attempts that do not heed their end. */
const endWaitMs = 250;

/**
 * The owner of one partition: decides its commands, keeps its promises (docs/invariants.md), and answers queries. One
 * instance serves one ownership; whoever gains the partition again makes a new one, after `stop` of the old has resolved.
 */
export class PartitionRuntime {
  readonly #context: PartitionContext;
  readonly #rooms: Rooms;
  readonly #watch: ProgressWatch;
  readonly #stopper = new AbortController();
  #stopping: Promise<void> | undefined;
  /** Resolves when nothing is decided here any more. */
  readonly #left: Promise<void>;
  #leave: () => void = () => undefined;

  /** `rules` is for mutants in the simulation only. */
  constructor(
    readonly partition: number,
    ports: RuntimePorts,
    settings: RuntimeSettings,
    rules: Partial<RuntimeRules> = {},
  ) {
    this.#left = new Promise((resolve) => {
      this.#leave = resolve;
    });
    const { clock, random } = ports;
    const standing = new Standing(clock);
    const waiting = (reason: string | undefined) => standing.waiting(reason);
    const { signal } = this.#stopper;
    const row = new KnownRow();
    const skew = new ClockSkew(clock, settings.maxClockSkewMs);
    this.#context = { partition, ports, settings, rules: { ...allRules, ...rules }, standing, row, skew, clock, random, signal, waiting };
    this.#rooms = new Rooms(this.#context, {
      doubt: (reason) => this.#doubt(reason),
      fenced: () => this.#storeFenced(),
      failed: (error) => this.#fail(error),
    });
    this.#watch = new ProgressWatch(this.#context, {
      ...this.#rooms.watched(),
      stalled: (error) => this.#giveUp(`${error.code}: ${error.message}`),
      failed: (error) => this.#fail(error),
    });
  }

  /** Begins recovery. Never throws; how it goes is in `status()` and told to the observer. */
  start(reason: string): void {
    this.#watch.start();
    void this.#guard(() => this.#begin(reason));
  }

  /** Like `start`, for a partition that has halted: an operator accepts the halt that recovery will run into. Resolves when recovery has ended; never rejects. */
  async startAccepting(wanted: HaltAcceptance): Promise<AcceptAnswer> {
    const acceptance = new Acceptance(this.#context, wanted);
    await this.#guard(() => this.#begin(`an operator accepts ${wanted.code}`, acceptance));
    return acceptance.answer();
  }

  /**
   * `handOff`: finishes the append in flight and saves snapshots first, within five seconds. `lost`: abandons at once.
   * Resolves when nothing of it runs any more (threads included, within ten seconds).
   */
  stop(mode: 'handOff' | 'lost'): Promise<void> {
    this.#stopping ??= this.#stop(mode);
    return this.#stopping;
  }

  /**
   * Hands the partition off like `stop('handOff')`, but waits for what ignores its end only a quarter of a second: the facts and snapshots
   * are written by then, and another process may have the partition. `stop` still resolves only when nothing runs any more.
   */
  async handOff(): Promise<void> {
    const ended = this.stop('handOff');
    await this.#left;
    await settledWithin(this.#context.clock, ended, endWaitMs);
  }

  /** Answers from confirmed state (L8); waits at most five seconds for a cold entity, and `waitMs` for a result. Never rejects. */
  async query(query: OwnerQuery): Promise<OwnerAnswer> {
    try {
      return await this.#rooms.queries.answer(query);
    } catch (error) {
      return { status: 'unavailable', code: 'QUERY_FAILED', reason: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Appends a record that says nothing, to see whether this process can. */
  probe(): void {
    if (this.state === 'active') this.#rooms.probe();
  }

  get state(): PartitionStatus['state'] {
    return this.#context.standing.phase;
  }

  status(): PartitionStatus {
    return partitionStatus(this.#context, this.#rooms, this.#watch.stalledMs);
  }

  /** The next command offset to be decided: what the group's committed offset may show. Undefined until the log has said it. */
  commandPosition(): number | undefined {
    const { progress } = this.#rooms;
    return progress.isKnown ? progress.next : undefined;
  }

  async #begin(reason: string, acceptance?: Acceptance): Promise<void> {
    const outcome = await beginOwnership(this.#context, this.#rooms, reason, acceptance);
    if (outcome === 'lost') this.#giveUp('another owner has the partition');
    else this.#serve();
  }

  #serve(): void {
    const { resumption, checkpoint, timers, intake, loop, audit } = this.#rooms;
    this.#context.standing.enter('active');
    resumption.resumeAll();
    checkpoint.start();
    audit.start();
    timers.start();
    intake.open();
    loop.resume();
  }

  /** L5: speculation is dropped already and the inputs wait (L6). */
  #doubt(reason: string): void {
    const { standing, ports } = this.#context;
    if (standing.phase !== 'active') return;
    if (this.#stopping) {
      this.#rooms.handOff.cut();
      return;
    }
    standing.enter('inDoubt', reason);
    ports.observer.inDoubt(this.partition, reason);
    void this.#guard(() => this.#resolveDoubt(reason));
  }

  async #resolveDoubt(reason: string): Promise<void> {
    const { takeOver, progress, cursor, resumption, timers, loop, mailbox } = this.#rooms;
    const outcome = await takeOver.resolve(reason);
    if (outcome === 'lost') return this.#giveUp('the group gave the partition to another member');
    if (outcome !== 'owned') return this.#rebuild(outcome.rebuild);
    progress.sawInLog(cursor.latestPosition);
    this.#context.standing.enter('active');
    resumption.settle();
    timers.start();
    mailbox.unparkAll();
    loop.resume();
  }

  /** Memory is void and the partition begins anew (L11). */
  async #rebuild(reason: string): Promise<void> {
    this.#context.ports.observer.note(this.partition, 'error', `recovering anew: ${reason}`, { event: 'partition.rebuild' });
    this.#rooms.dropMemory();
    await this.#begin(reason);
  }

  /**
   * Another owner has claimed the store, or an older database was restored: what memory takes to be saved may be gone from
   * it, so a member begins anew from what the store has now (L10, L11).
   */
  #storeFenced(): void {
    void this.#guard(async () => {
      await this.#rooms.loop.hold();
      if (this.#stopping) this.#rooms.handOff.cut();
      if (this.#context.standing.phase !== 'active' || this.#stopping) return;
      const reason = 'the checkpoint is claimed by another epoch';
      this.#context.standing.enter('inDoubt', reason);
      this.#context.ports.observer.inDoubt(this.partition, reason);
      await this.#rebuild(reason);
    });
  }

  #giveUp(reason: string): void {
    this.#context.ports.observer.fenced(this.partition, reason);
    this.#stopping ??= this.#stop('lost', reason);
  }

  async #stop(mode: 'handOff' | 'lost', reason = mode === 'handOff' ? 'handed off' : 'lost'): Promise<void> {
    const { standing } = this.#context;
    this.#watch.stop();
    if (mode === 'handOff' && (standing.phase === 'active' || standing.phase === 'inDoubt'))
      await this.#guard(() => this.#rooms.handOff.run());
    this.#end();
    standing.enter('stopped', reason);
    this.#leave();
    await this.#rooms.dispatches.abandonAll();
  }

  /** Nothing begins any more. */
  #end(): void {
    const { intake, timers, checkpoint, queries, requests, audit } = this.#rooms;
    this.#stopper.abort();
    intake.close();
    timers.clear();
    checkpoint.stop();
    audit.stop();
    requests.endAll();
    queries.stop();
  }

  /** V3: this partition halts with a named reason; its neighbours and the process go on. */
  #fail(error: unknown): void {
    const { standing, ports } = this.#context;
    if (standing.phase === 'halted' || standing.phase === 'stopped') return;
    if (error instanceof StoreChangedError) {
      this.#storeFenced();
      return;
    }
    const reason = error instanceof FatalError ? `${error.code}: ${error.message}` : `UNEXPECTED: ${describe(error)}`;
    standing.enter('halted', reason);
    this.#watch.stop();
    this.#end();
    ports.observer.halted(this.partition, reason);
    void this.#guard(() => this.#rooms.dispatches.abandonAll());
  }

  async #guard(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof StoppedError)) this.#fail(error);
    }
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
