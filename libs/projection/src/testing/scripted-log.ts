import type { EventDraft, Json } from '#core';
import { completeEvent, type DecidedEntry, encodeDecided, encodeEvent, encodeFence, type LogRecord, type StoredRecord } from '#protocol';
import type { ReadOutcome } from '#runtime';
import type { EventFeed, EventFeedListener, EventSubscription } from '../event-feed.js';

const startAt = 1_700_000_000_000;

/** One partition's log for specs: an owner that writes correct stamps, and means to write wrong ones. */
export class ScriptedLog implements EventFeed {
  readonly records: StoredRecord[] = [];
  readonly #seqs = new Map<string, number>();
  readonly #subscriptions = new Set<{ at: number; listener: EventFeedListener; paused: boolean }>();
  #epoch = '';
  /** The partition, where the facts of workflows are those of their shards. */
  shard: number | undefined;
  /** Records per delivery. */
  chunk = 1_000;

  /** The time of the next record, epoch ms: one later with each. */
  get now(): number {
    return startAt + this.records.length;
  }

  fence(random: string, instance = 'engine-1'): string {
    const body = { instance, address: '127.0.0.1:1', generation: 1, partitions: 4, reason: 'test', at: startAt };
    this.put(encodeFence(random, body));
    this.#epoch = `${this.records.length - 1}.${random}`;
    return this.#epoch;
  }

  /** Appends an event with the next seq of its entity and a correct stamp. */
  event(draft: EventDraft, workflowId: string, executionId = '-', commandId?: string): void {
    this.put(this.encode(draft, workflowId, executionId, commandId));
  }

  encode(draft: EventDraft, workflowId: string, executionId = '-', commandId?: string, epoch = this.#epoch): LogRecord {
    const entity = draft.entity === 'execution' ? `${workflowId}/${executionId}` : workflowId;
    const shard = this.shard === undefined ? {} : { shard: this.shard };
    const seq = (this.#seqs.get(entity) ?? 0) + 1;
    this.#seqs.set(entity, seq);
    const event = completeEvent(draft, { workflowId, executionId, seq, at: this.now, epoch, ...shard });
    const cause = commandId === undefined ? undefined : { commandId, commandHash: `hash ${commandId}` };
    return encodeEvent(event, { epoch, offset: this.records.length }, cause);
  }

  decided(entries: readonly DecidedEntry[]): void {
    this.put(encodeDecided(entries, { epoch: this.#epoch, offset: this.records.length }));
  }

  put(record: LogRecord): void {
    this.records.push({ ...record, offset: this.records.length, timestamp: this.now });
    this.#deliver();
  }

  async bounds(): Promise<{ logStart: number; highWatermark: number }> {
    return { logStart: 0, highWatermark: this.records.length };
  }

  async read(_partition: number, fromOffset: number): Promise<ReadOutcome> {
    const highWatermark = this.records.length;
    if (fromOffset > highWatermark) return { status: 'outOfRange', logStart: 0, highWatermark };
    const records = this.records.slice(fromOffset, fromOffset + 1);
    return { status: 'read', records, nextOffset: fromOffset + records.length, highWatermark, logStart: 0 };
  }

  subscribe(_partition: number, fromOffset: number, listener: EventFeedListener): EventSubscription {
    const subscription = { at: fromOffset, listener, paused: false };
    this.#subscriptions.add(subscription);
    queueMicrotask(() => this.#deliver());
    return {
      pause: () => {
        subscription.paused = true;
      },
      resume: () => {
        subscription.paused = false;
        queueMicrotask(() => this.#deliver());
      },
      close: () => void this.#subscriptions.delete(subscription),
    };
  }

  #deliver(): void {
    for (const subscription of this.#subscriptions) {
      while (!subscription.paused && this.#subscriptions.has(subscription) && subscription.at < this.records.length) {
        const records = this.records.slice(subscription.at, subscription.at + this.chunk);
        subscription.at += records.length;
        subscription.listener.records(records, subscription.at, this.records.length);
      }
    }
  }
}

/** The facts of a workflow of `steps` sequential tasks, as the core decides them. */
export function workflowCreated(log: ScriptedLog, workflowId: string, definition: { readonly [key: string]: Json } = {}): void {
  const data = { definition: { id: workflowId, ...definition }, version: 1, problemCount: 0 };
  log.event({ entity: 'workflow', type: 'WorkflowCreated', data }, workflowId, '-', `create-${workflowId}`);
}

export function executionStarted(log: ScriptedLog, workflowId: string, executionId: string, totalNodes = 5): void {
  const data = { workflowName: `Workflow ${workflowId}`, version: 1, totalNodes, input: { n: 1 } };
  log.event({ entity: 'execution', type: 'WorkflowStarted', data }, workflowId, executionId, `run-${executionId}`);
  log.event({ entity: 'workflow', type: 'ExecutionOpened', data: { executionId, version: 1 } }, workflowId);
}

export function stepDone(log: ScriptedLog, workflowId: string, executionId: string, nodeId: string): void {
  stepStarted(log, workflowId, executionId, nodeId);
  const data = { nodeId, attempt: 1, duration: 1, recordsProcessed: 1, output: { i: 1, id: executionId } };
  log.event({ entity: 'execution', type: 'NodeExecutionCompleted', data }, workflowId, executionId);
}

export function stepStarted(log: ScriptedLog, workflowId: string, executionId: string, nodeId: string): void {
  const data = { nodeId, nodeType: 'test.step', attempt: 1 };
  log.event({ entity: 'execution', type: 'NodeExecutionStarted', data }, workflowId, executionId);
}

export function executionCompleted(log: ScriptedLog, workflowId: string, executionId: string): void {
  const data = { duration: 9, completedNodes: 5, output: { done: true } };
  log.event({ entity: 'execution', type: 'WorkflowCompleted', data }, workflowId, executionId);
  const closed = { executionId, version: 1, startedAt: log.now, status: 'completed' as const };
  log.event({ entity: 'workflow', type: 'ExecutionClosed', data: closed }, workflowId);
}
