import type { RunningWork } from '../ports/work-runner.js';

/** One attempt that this process dispatched and that still counts. */
export class OpenDispatch {
  running: RunningWork | undefined;
  #closed = false;
  #whenClosed: (() => void) | undefined;

  constructor(
    readonly executionKey: string,
    readonly unitId: string,
    readonly attempt: number,
  ) {}

  get isClosed(): boolean {
    return this.#closed;
  }

  /** A checkpoint waits for its confirmation: one at a time. */
  onClose(callback: () => void): void {
    this.#whenClosed = callback;
  }

  /** Its outcome is confirmed, or it counts no more. */
  markClosed(): void {
    this.#closed = true;
    this.#whenClosed?.();
    this.#whenClosed = undefined;
  }

  close(reason: 'cancelled' | 'timed_out' | 'lost'): void {
    this.markClosed();
    this.running?.abort(reason);
  }
}
