import type { LogCursor } from '../checkpoint/log-cursor.js';
import type { PartitionContext } from '../control/context.js';
import { StoppedError } from '../control/waiting.js';
import type { CancelTimer } from '../ports/clock.js';
import { hasFence, holdsRecord } from '../recovery/same-log.js';

const everyMs = 10_000;
/** Why a partition is in doubt whose log has lost its tail. */
export const lostTail = 'the log does not hold what was confirmed';

/**
 * L11 for a living owner: looks now and then whether the own fence and the last confirmed record are still in the log. An
 * idle owner would not notice otherwise that the log lost its tail, nor a busy one whose appends happen to land as expected.
 */
export class LogAudit {
  #cancel: CancelTimer | undefined;

  constructor(
    readonly context: PartitionContext,
    readonly cursor: LogCursor,
    readonly alarms: { doubt(reason: string): void; failed(error: unknown): void },
  ) {}

  start(): void {
    this.stop();
    this.#cancel = this.context.clock.after(everyMs, () => {
      this.#audit().catch((error: unknown) => {
        if (!(error instanceof StoppedError)) this.alarms.failed(error);
      });
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  async #audit(): Promise<void> {
    const { standing } = this.context;
    if (standing.phase === 'active' && !(await isLogWhole(this.context, this.cursor)) && standing.phase === 'active')
      this.alarms.doubt(lostTail);
    if (this.#cancel !== undefined && !this.context.signal.aborted) this.start();
  }
}

/** Whether the fence of the epoch in force and the last record that was confirmed are where they were. */
export async function isLogWhole(context: PartitionContext, cursor: LogCursor): Promise<boolean> {
  if (!context.rules.sameLog) return true;
  const { epoch } = context.standing;
  const last = cursor.nextOffset - 1;
  const { coveredEpoch } = cursor.checkpointAt(cursor.nextOffset);
  return (await hasFence(context, epoch)) && (await holdsRecord(context, last, coveredEpoch));
}
