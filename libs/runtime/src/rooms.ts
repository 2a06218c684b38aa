import type { Action, Event } from '#core';
import { entityKey, type StoredRecord } from '#protocol';
import { AppendLoop } from './append/append-loop.js';
import { Confirmation, isEnd } from './append/confirmation.js';
import { Checkpointer } from './checkpoint/checkpointer.js';
import { Eviction } from './checkpoint/eviction.js';
import { LogCursor } from './checkpoint/log-cursor.js';
import type { Alarms } from './control/alarms.js';
import type { PartitionContext } from './control/context.js';
import type { WatchedRooms } from './control/progress-watch.js';
import { watchedRooms } from './control/watched-rooms.js';
import { BatchBuilder } from './decide/batch-builder.js';
import { Readiness } from './decide/readiness.js';
import { AnswerMemory } from './dedupe/answer-memory.js';
import { CancelExecutions } from './dispatch/cancel-executions.js';
import { DispatchTable } from './dispatch/dispatch-table.js';
import { HandOff } from './dispatch/hand-off.js';
import { Leftovers } from './dispatch/leftovers.js';
import { Resumption } from './dispatch/resumption.js';
import { LogAudit } from './doubt/log-audit.js';
import { ColdLoader } from './entities/cold-loader.js';
import type { ExecutionEntity } from './entities/entity.js';
import { EntityTable } from './entities/entity-table.js';
import { CommandProgress } from './intake/command-progress.js';
import { Intake } from './intake/intake.js';
import type { MailInput } from './mailbox/inputs.js';
import { Mailbox } from './mailbox/mailbox.js';
import { Outbox } from './outbox/outbox.js';
import { EntityRequests } from './query/entity-requests.js';
import { OwnerQueries } from './query/owner-queries.js';
import { commandsOutOfRange } from './recovery/command-start.js';
import { TakeOver } from './recovery/take-over.js';
import { TimerRoom } from './timers/timer-room.js';

/** The rooms of one partition and the doors between them. */
export class Rooms {
  readonly table = new EntityTable();
  readonly cursor = new LogCursor();
  readonly mailbox: Mailbox;
  readonly progress: CommandProgress;
  readonly answers: AnswerMemory;
  readonly checkpoint: Checkpointer;
  readonly loader: ColdLoader;
  readonly requests: EntityRequests;
  readonly queries: OwnerQueries;
  readonly timers: TimerRoom;
  readonly dispatches: DispatchTable;
  readonly leftovers: Leftovers;
  readonly cancellations: CancelExecutions;
  readonly outbox: Outbox;
  readonly handOff: HandOff;
  readonly resumption: Resumption;
  readonly intake: Intake;
  readonly loop: AppendLoop;
  readonly takeOver: TakeOver;
  readonly audit: LogAudit;

  constructor(
    readonly context: PartitionContext,
    readonly alarms: Alarms,
  ) {
    const { settings, clock, rules } = context;
    this.mailbox = new Mailbox(Math.floor(settings.maxDecidedAbove / 2));
    const { table, cursor, mailbox } = this;
    const failed = (error: unknown) => alarms.failed(error);
    const report = (input: MailInput) => this.#arrived(input);
    this.progress = new CommandProgress(rules.commandLowWater);
    this.answers = new AnswerMemory(clock.now(), 2 * settings.maxClockSkewMs);
    const { progress, answers } = this;
    const eviction = new Eviction(table, settings, (key) => this.#isHeld(key));
    this.checkpoint = new Checkpointer(context, {
      table,
      cursor,
      answers,
      eviction,
      failed,
      settled: () => {
        this.intake.regulate();
        this.loop.kick();
      },
      fenced: () => alarms.fenced(),
    });
    this.loader = new ColdLoader(context, table, answers, { loaded: (keys) => this.#loaded(keys), failed });
    this.requests = new EntityRequests(context, table, this.loader);
    this.queries = new OwnerQueries(context, { entity: (key) => this.requests.get(key) });
    this.dispatches = new DispatchTable(context, report);
    this.leftovers = new Leftovers(context, { table, dispatches: this.dispatches, checkpoint: this.checkpoint });
    this.cancellations = new CancelExecutions(context, { table, report, failed });
    this.timers = new TimerRoom(context, {
      table,
      failed,
      wake: report,
      whereabouts: (key) => this.dispatches.whereabouts(key),
      probe: () => this.probe(),
      loadCold: (keys) => this.loader.load(keys),
    });
    this.outbox = new Outbox(context, { report, failed });
    this.resumption = this.#makeResumption(report);
    this.intake = new Intake(context, mailbox, progress, this.outbox.deliveries, {
      arrived: () => this.loop.kick(),
      uncovered: () => this.checkpoint.boundable,
      failed,
      outOfRange: (logStart, highWatermark) => failed(commandsOutOfRange(progress.next, logStart, highWatermark)),
      unseen: () => this.loop.auditFirst(),
    });
    this.loop = this.#makeLoop();
    this.handOff = new HandOff(context, this, report);
    this.audit = new LogAudit(context, cursor, alarms);
    this.takeOver = new TakeOver(context, {
      table,
      cursor,
      answers,
      checkpoint: this.checkpoint,
      quarantine: (key, reason, offset) => this.quarantine(key, reason, offset),
      applied: (event, record) => this.#applied(event, record),
    });
  }

  /** V2, V3: the entity is not touched until an operator releases it; the partition goes on. */
  quarantine(key: string, reason: string, offset: number): void {
    const entity = this.table.get(key);
    if (entity === undefined) return;
    entity.quarantine = { reason, offset };
    this.checkpoint.demand(key, offset);
    if (entity.kind === 'execution') this.timers.arm(entity);
    this.context.ports.observer.quarantined(this.context.partition, key, reason);
  }

  /** What the progress watch looks at; a loop that is held for a hand-off is not its business: then it is stopped. */
  watched(): Omit<WatchedRooms, 'stalled' | 'failed'> {
    return watchedRooms(this.context.standing, this);
  }

  /** The log lost what memory holds: nothing of it is kept. Threads end before their units start again (L6). */
  dropMemory(): void {
    this.intake.close();
    this.audit.stop();
    this.timers.clear();
    this.checkpoint.reset();
    this.loader.reset();
    this.requests.endAll();
    this.dispatches.closeAll();
    this.cancellations.reset();
    this.outbox.reset();
    this.resumption.forget();
    this.mailbox.clear();
    this.progress.forget();
    this.answers.clear();
    this.table.clear();
  }

  #makeResumption(report: (input: MailInput) => void): Resumption {
    return new Resumption(this.context, {
      table: this.table,
      dispatches: this.dispatches,
      leftovers: this.leftovers,
      report,
      armTimer: (entity) => this.timers.arm(entity),
      cancelExecutions: (workflowId) => this.cancellations.start(workflowId),
      sendOutbox: (entity) => this.outbox.changed(entity),
      executionChanged: (entity) => this.#executionChanged(entity),
    });
  }

  #makeLoop(): AppendLoop {
    const { context, table, cursor, mailbox, progress, answers, loader, intake, checkpoint, leftovers } = this;
    const confirmation = new Confirmation(context, {
      table,
      answers,
      progress,
      checkpoint,
      leftovers,
      executionChanged: (entity) => this.#executionChanged(entity),
      act: (action, workflowId) => this.#act(action, workflowId),
      released: (key) => this.#released(key),
      spreadChanged: (entity) => this.outbox.changed(entity),
      whenSent: (workflowId, state, answer) => this.outbox.whenSent(workflowId, state, answer),
      forward: ({ record }, { partition, route }) => intake.forward(record, partition, route),
      isHeld: (key) => this.#isHeld(key),
    });
    const builder = new BatchBuilder(context, {
      table,
      answers,
      mailbox,
      progress,
      readiness: new Readiness(context, table, answers, loader),
      mustHoldCommands: () => checkpoint.boundable > context.settings.maxReplay,
      quarantine: (key, reason) => this.quarantine(key, reason, cursor.nextOffset),
    });
    const { doubt, failed } = this.alarms;
    return new AppendLoop(context, { mailbox, builder, cursor, loader, progress, intake, confirmation, doubt, failed });
  }

  probe(): void {
    this.#arrived({ kind: 'probe' });
  }

  #arrived(input: MailInput): void {
    if (this.context.signal.aborted) return;
    this.mailbox.push(input);
    this.loop.kick();
  }

  #isHeld(key: string): boolean {
    return this.dispatches.has(key) || this.queries.waiters.has(key) || this.loader.isLoading(key) || this.loop.touches(key);
  }

  #loaded(keys: readonly string[]): void {
    if (this.context.signal.aborted) return;
    for (const key of keys) {
      const entity = this.table.get(key);
      if (entity !== undefined) this.resumption.resume(entity);
    }
    this.requests.loaded(keys);
    this.mailbox.unparkAll();
    this.loop.kick();
  }

  #executionChanged(entity: ExecutionEntity): void {
    this.timers.arm(entity);
    this.queries.changed(entity);
  }

  #act(action: Action, workflowId: string): void {
    if (action.type === 'DispatchUnit') this.dispatches.start(action);
    else if (action.type === 'AbortUnit') this.dispatches.abort(action, entityKey(workflowId, action.executionId));
    else this.cancellations.start(action.workflowId);
  }

  /** An operator says that the entity may go on from the state that it has. */
  #released(key: string): void {
    const entity = this.table.get(key);
    if (entity?.quarantine === undefined) return;
    entity.quarantine = undefined;
    this.checkpoint.demand(key, this.cursor.nextOffset - 1);
    this.resumption.resume(entity);
    if (entity.kind === 'workflow')
      for (const one of this.table.executions()) if (one.workflowId === entity.workflowId) this.resumption.resume(one);
  }

  #applied(event: Event, record: StoredRecord): void {
    if (this.context.standing.phase === 'inDoubt') this.resumption.applied(event, record);
    if (isEnd(event)) this.leftovers.readEnd(entityKey(event.workflowId, event.executionId));
    if (!this.context.rules.evolveOnly) this.loop.actOnReplay(event);
  }
}
