import { createRequire } from 'node:module';

interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  scheduleCheckPendingRequests(this: RequestQueue): void;
}

/**
 * kafkajs 2.2.4 looks for throttled requests on every connection every millisecond, for ever, once the first answer has come
 * (`scheduleCheckPendingRequests` computes a negative delay): 1,500 wake-ups a second in an idle process. It is only needed while
 * something waits or the broker throttles. Changes the frozen package's prototype, once per process.
 */
export function quietRequestQueues(): void {
  const queue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as { prototype: RequestQueue };
  const schedule = queue.prototype.scheduleCheckPendingRequests;
  queue.prototype.scheduleCheckPendingRequests = function scheduleWhenNeeded(): void {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
}
