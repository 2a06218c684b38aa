import { isFinished } from '#core';
import { parseEntityKey } from '#protocol';
import { fromStore } from '../checkpoint/from-store.js';
import type { PartitionContext } from '../control/context.js';
import { StoppedError } from '../control/waiting.js';
import { isCancelling } from '../entities/entity.js';
import type { EntityTable } from '../entities/entity-table.js';
import type { SignalInput } from '../mailbox/inputs.js';

const pageSize = 200;

export interface CancelRooms {
  readonly table: EntityTable;
  report(input: SignalInput): void;
  failed(error: unknown): void;
}

/** A workflow was deleted with `force`: asks each of its unfinished executions to cancel, in memory or not, page by page. */
export class CancelExecutions {
  readonly #running = new Set<string>();

  constructor(
    readonly context: PartitionContext,
    readonly rooms: CancelRooms,
  ) {}

  start(workflowId: string): void {
    if (this.#running.has(workflowId)) return;
    this.#running.add(workflowId);
    this.#cancelAll(workflowId)
      .catch((error: unknown) => {
        if (!(error instanceof StoppedError)) this.rooms.failed(error);
      })
      .finally(() => this.#running.delete(workflowId));
  }

  /** Memory was dropped: what was asked for is asked again when its workflow comes back. */
  reset(): void {
    this.#running.clear();
  }

  async #cancelAll(workflowId: string): Promise<void> {
    const hot = [...this.rooms.table.executions()].filter(
      (one) => one.workflowId === workflowId && !isFinished(one.state) && one.state.seq > 0,
    );
    for (let i = 0; i < hot.length; i += pageSize) await this.#cancel(hot.slice(i, i + pageSize).map(({ key }) => key));
    const { partition, ports } = this.context;
    for (let after: string | undefined; ; ) {
      const page = await fromStore(this.context, 'looking for executions to cancel', () =>
        ports.snapshots.unfinishedOf(partition, workflowId, after, pageSize),
      );
      if (page.length === 0 || !this.#isStillDeleted(workflowId)) return;
      await this.#cancel(page);
      after = page.at(-1);
    }
  }

  /** It may have been created again meanwhile. */
  #isStillDeleted(workflowId: string): boolean {
    const workflow = this.rooms.table.workflow(workflowId);
    return workflow === undefined || isCancelling(workflow.state);
  }

  async #cancel(keys: readonly string[]): Promise<void> {
    const confirmed = keys.map((key) => this.#cancelOne(key));
    const stopped = new Promise<void>((resolve) => this.context.signal.addEventListener('abort', () => resolve(), { once: true }));
    await Promise.race([Promise.all(confirmed), stopped]);
  }

  #cancelOne(key: string): Promise<void> {
    const { workflowId, executionId = '' } = parseEntityKey(key);
    return new Promise((resolve) => {
      const signal = { type: 'ExecutionCancelRequestedByWorkflow', workflowId, executionId, now: this.context.clock.now() } as const;
      this.rooms.report({ kind: 'signal', signal, entityKey: key, settled: () => resolve() });
    });
  }
}
