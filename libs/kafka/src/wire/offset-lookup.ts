import { TransientError } from '#runtime';
import { kafkaErrorName } from './error-codes.js';
import { offsetRequest } from './requests.js';
import type { Wire } from './wire.js';
import { within } from './within.js';

const answerMs = 3_000;

/** Asks leaders where partitions begin and end. */
export class OffsetLookup {
  constructor(private readonly wire: Pick<Wire, 'leaderOf' | 'refresh' | 'send' | 'drop'>) {}

  /** First offset and the one behind the last record. Rejects with TransientError; the next call asks for the leader anew. */
  async bounds(topic: string, partition: number): Promise<{ logStart: number; highWatermark: number }> {
    const [logStart, highWatermark] = await Promise.all([
      this.#offset(topic, partition, 'earliest'),
      this.#offset(topic, partition, 'latest'),
    ]);
    return { logStart, highWatermark };
  }

  async #offset(topic: string, partition: number, which: 'earliest' | 'latest'): Promise<number> {
    if (this.wire.leaderOf(topic, partition) === undefined) await this.wire.refresh();
    const leader = this.wire.leaderOf(topic, partition);
    if (leader === undefined) throw new TransientError(`${topic}/${partition} has no leader now`);
    const { errorCode, offset } = await this.#ask(leader, offsetRequest(topic, partition, which));
    if (errorCode === 0) return offset;
    await this.wire.refresh();
    throw new TransientError(`${topic}/${partition}: ${kafkaErrorName(errorCode)}`);
  }

  async #ask(leader: number, request: ReturnType<typeof offsetRequest>): Promise<{ errorCode: number; offset: number }> {
    try {
      return await within(this.wire.send(leader, request), answerMs, 'the offsets request');
    } catch (error) {
      this.wire.drop(leader);
      throw error instanceof TransientError ? error : new TransientError(String(error), { cause: error });
    }
  }
}
