import type { PartitionContext } from '../control/context.js';
import { persist, StoppedError } from '../control/waiting.js';

/**
 * Commands that go elsewhere (forwarded, rejected, sent to shards), one after the other so that their order stays. Each is tried until it
 * is confirmed: only then it counts as decided. Bounded by the mailbox: an unsettled command is an outstanding one.
 */
export class Delivery {
  #tail: Promise<void> = Promise.resolve();

  constructor(
    readonly context: PartitionContext,
    readonly what: string,
    readonly failed: (error: unknown) => void,
  ) {}

  /** `settled` is called once `send` has worked; never when the partition is given up. */
  enqueue(send: () => Promise<void>, settled: () => void): void {
    this.#tail = this.#tail
      .then(() => persist(this.context, this.what, send))
      .then(settled)
      .catch((error: unknown) => {
        if (!(error instanceof StoppedError)) this.failed(error);
      });
  }
}
