import type { Json } from '#core';
import type { StageSpec } from '../stage-spec.js';
import type { StageHost } from './stage-host.js';

const breatheEveryMs = 20;
const maxSampledBatches = 64;

type Answer = 'confirmed' | 'lost';

/**
 * Decides when a stage makes a checkpoint: about once an interval, one on its way at a time, and processing goes on while
 * that one is confirmed. Also lets messages in now and then, and reports measures.
 */
export class CheckpointPacer {
  private lastCheckpointAt: number;
  private lastBreathAt: number;
  private onItsWay: Promise<Answer> | undefined;
  private lost = false;
  private saidTooLarge = false;
  private recordsIn = 0;
  private recordsOut = 0;
  private batchDurationsMs: number[] = [];

  constructor(
    private readonly spec: StageSpec,
    private readonly host: StageHost,
  ) {
    this.lastCheckpointAt = this.lastBreathAt = host.now();
  }

  moved(recordsIn: number, recordsOut: number): void {
    this.recordsIn += recordsIn;
    this.recordsOut += recordsOut;
  }

  batchTook(durationMs: number): void {
    if (this.batchDurationsMs.length < maxSampledBatches) this.batchDurationsMs.push(durationMs);
  }

  /** Called between batches; `take` answers undefined when there is no checkpoint to be had now. */
  async between(take: () => Promise<Json | undefined>): Promise<Answer> {
    const now = this.host.now();
    if (now - this.lastBreathAt >= breatheEveryMs) {
      await this.host.breathe();
      this.lastBreathAt = this.host.now();
    }
    if (!this.lost && this.onItsWay === undefined && now - this.lastCheckpointAt >= this.spec.limits.checkpointIntervalMs) {
      this.lastCheckpointAt = now;
      this.report();
      this.send(await take());
    }
    return this.lost ? 'lost' : 'confirmed';
  }

  /** The final checkpoint: after whatever is on its way, and awaited. */
  async last(checkpoint: Json): Promise<Answer> {
    const before = await this.settled();
    return before === 'lost' ? before : this.host.progressed(checkpoint);
  }

  /** Waits for what is on its way. */
  async settled(): Promise<Answer> {
    this.report();
    await this.onItsWay;
    return this.lost ? 'lost' : 'confirmed';
  }

  private send(checkpoint: Json | undefined): void {
    const { maxStateBytes } = this.spec.limits;
    if (checkpoint === undefined || JSON.stringify(checkpoint).length > maxStateBytes) {
      this.sayTooLarge();
      return;
    }
    this.onItsWay = this.host.progressed(checkpoint).then((answer) => {
      this.onItsWay = undefined;
      if (answer === 'lost') this.lost = true;
      return answer;
    });
  }

  private sayTooLarge(): void {
    if (this.saidTooLarge) return;
    this.saidTooLarge = true;
    const message = 'this stage cannot be checkpointed at this point (its state is too large, or its source cannot be resumed)';
    this.host.log(this.spec.nodes[0]?.id ?? '', `${message}: after a crash it goes on from its last checkpoint, or from its beginning`);
  }

  private report(): void {
    const { recordsIn, recordsOut, batchDurationsMs } = this;
    if (recordsIn + recordsOut === 0) return;
    this.host.measured({ recordsIn, recordsOut, batchDurationsMs });
    this.recordsIn = this.recordsOut = 0;
    this.batchDurationsMs = [];
  }
}
