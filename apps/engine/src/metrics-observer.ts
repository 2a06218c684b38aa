import type { EngineMetrics, Logger } from '#observability';
import type { RecoveryReport, RuntimeObserver } from '#runtime';
import type { TakeOvers } from './records/take-overs.js';
import type { StandDowns } from './stand-downs.js';

/** Takes lines of executions' logs; never waits. */
export interface ExecutionLogWriter {
  write(line: { workflowId: string; executionId: string; nodeId: string; at: number; text: string }): void;
}

/** Turns what the runtimes tell into metrics and log lines (contract §6, §7). */
export class MetricsObserver implements RuntimeObserver {
  constructor(
    private readonly metrics: EngineMetrics,
    private readonly logger: Logger,
    private readonly executionLog: ExecutionLogWriter,
    private readonly load: { appended(partition: number, events: number): void },
    private readonly takeOvers: Pick<TakeOvers, 'recovered' | 'abandoned'>,
    private readonly standDowns: Pick<StandDowns, 'appended' | 'stoodDown'>,
  ) {}

  executionLogged(workflowId: string, executionId: string, nodeId: string, text: string): void {
    this.executionLog.write({ workflowId, executionId, nodeId, at: Date.now(), text });
  }

  appended(partition: number, events: number, _bytes: number, durationMs: number): void {
    this.metrics.appendDuration.observe(durationMs / 1_000);
    this.metrics.appendBatchSize.observe(events);
    this.load.appended(partition, events);
    this.standDowns.appended(partition);
  }

  commandDecided(type: string, accepted: boolean, ageMs: number): void {
    this.metrics.commandAge.observe(ageMs / 1_000);
    if (accepted && type === 'CreateWorkflow') this.metrics.created.inc();
  }

  executionEnded(status: 'completed' | 'failed' | 'cancelled' | 'timed_out', durationMs: number): void {
    this.metrics.executions.inc({ status });
    this.metrics.executionDuration.observe({ status }, durationMs / 1_000);
  }

  inDoubt(partition: number, reason: string): void {
    this.metrics.inDoubt.inc({ reason: codeOf(reason) });
    this.logger.warn({ partition, reason }, 'the fate of an append is unknown: fencing again');
  }

  fenced(partition: number, reason: string): void {
    this.metrics.fenced.inc({ reason: codeOf(reason) });
    if (codeOf(reason) !== 'NO_PROGRESS') return;
    this.logger.error({ event: 'partition.stalled', partition, reason }, 'the owner stands down: nothing gets on');
    this.standDowns.stoodDown(partition);
  }

  recovered(partition: number, report: RecoveryReport): void {
    const seconds = report.durationMs / 1_000;
    this.metrics.recoveryDuration.observe(seconds);
    const level = report.rebuilt ? 'warn' : 'info';
    this.logger[level](
      { event: 'recovery.completed', partition, ...report },
      report.rebuilt ? 'partition rebuilt from the start of its log' : 'partition recovered',
    );
    void this.takeOvers.recovered(partition, report);
  }

  snapshotsSaved(partition: number, count: number, durationMs: number): void {
    this.metrics.snapshots.inc(count);
    this.logger.debug({ event: 'snapshot.completed', partition, count, durationMs }, 'snapshots saved');
  }

  snapshotsFailed(partition: number, message: string): void {
    this.metrics.snapshotFailures.inc();
    this.logger.warn({ partition, reason: message }, 'snapshots could not be saved: they wait');
  }

  quarantined(partition: number, key: string, reason: string): void {
    this.metrics.quarantined.inc();
    this.logger.error({ partition, entity: key, reason }, 'entity quarantined: its commands are refused until it is released');
  }

  halted(partition: number, reason: string): void {
    this.takeOvers.abandoned(partition, `halted: ${reason}`);
    this.logger.error({ partition, reason }, 'partition halted: its neighbours go on');
  }

  note(partition: number, level: 'info' | 'warn' | 'error', message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.logger[level]({ partition, ...fields }, message);
  }
}

/** A label must be from a small set: the leading code of a reason, not its text. */
function codeOf(reason: string): string {
  return /^[A-Za-z_.-]{1,40}/.exec(reason)?.[0] ?? 'other';
}
