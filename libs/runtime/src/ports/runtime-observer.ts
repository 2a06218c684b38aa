/** What the runtime tells metrics and logs. Every method must be cheap and must not throw. */
export interface RuntimeObserver {
  appended(partition: number, events: number, bytes: number, durationMs: number): void;
  /** `ageMs`: from the broker's taking it to its confirmation; clocks may differ. */
  commandDecided(type: string, accepted: boolean, ageMs: number): void;
  executionEnded(status: 'completed' | 'failed' | 'cancelled' | 'timed_out', durationMs: number): void;
  inDoubt(partition: number, reason: string): void;
  fenced(partition: number, reason: string): void;
  recovered(partition: number, report: RecoveryReport): void;
  snapshotsSaved(partition: number, count: number, durationMs: number): void;
  snapshotsFailed(partition: number, message: string): void;
  quarantined(partition: number, key: string, reason: string): void;
  /** The partition stopped by itself with a named reason; its neighbours go on. */
  halted(partition: number, reason: string): void;
  /** A line that a node wrote for its execution's logs (best effort). */
  executionLogged?(workflowId: string, executionId: string, nodeId: string, text: string): void;
  /** Something worth a log line that is none of the above. */
  note(partition: number, level: 'info' | 'warn' | 'error', message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface RecoveryReport {
  readonly reason: string;
  readonly epoch: string;
  /** The one in force before it: its fence names the owner before. Absent where the log has none. */
  readonly previousEpoch?: string;
  readonly durationMs: number;
  readonly recordsRead: number;
  readonly entitiesLoaded: number;
  /** True when the checkpoint was void (L11) and the partition was rebuilt from the log's start. */
  readonly rebuilt: boolean;
}
