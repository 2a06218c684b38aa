import type { PartitionContext } from '../control/context.js';
import { Delivery } from '../intake/delivery.js';

/** What goes to other partitions: in order to each of them, and none waits for another's broker. */
export class Deliveries {
  readonly #byPartition = new Map<number, Delivery>();

  constructor(
    readonly context: PartitionContext,
    readonly failed: (error: unknown) => void,
  ) {}

  to(partition: number): Delivery {
    const known = this.#byPartition.get(partition);
    if (known !== undefined) return known;
    const delivery = new Delivery(this.context, `sending to partition ${partition}`, this.failed);
    this.#byPartition.set(partition, delivery);
    return delivery;
  }
}
