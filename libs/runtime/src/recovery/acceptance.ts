import { type AcceptAnswer, type CommandPosition, encodeAccepted, type HaltAcceptance, withPosition } from '#protocol';
import { appendRecords } from '../append/append-records.js';
import type { PartitionContext } from '../control/context.js';
import { confirmMembership, placeFence } from '../doubt/fencing.js';
import { FatalError } from '../ports/errors.js';
import { commandBounds, commandFrom } from './reading-commands.js';

/**
 * An operator's word on a halt, carried by the recovery that runs into that halt. It becomes a fact, `PartitionAccepted` with
 * the accepted intake position, appended behind an own fence; then recovery begins anew and finds it, like every later owner. So it does
 * not matter where a process dies: without the fact the partition halts as before, with it nobody halts for that reason
 * again. A zombie's fact lies behind a newer fence and is invalid (V1).
 */
export class Acceptance {
  #from: number | undefined;
  /** What was appended last without an answer (L5). */
  #unheard: number | undefined;
  #refusal: string | undefined;

  constructor(
    readonly context: PartitionContext,
    readonly wanted: HaltAcceptance,
  ) {}

  /** Whether the halt of this code was accepted, and still has to become a fact. */
  expects(code: string): boolean {
    return code === this.wanted.code && this.#from === undefined;
  }

  /** Whether this is that halt. */
  concerns(error: unknown): error is FatalError {
    return error instanceof FatalError && this.expects(error.code);
  }

  /** One try to append the fact. False: it cannot be accepted like this, and the halt stands. True: begin anew, whatever became of the append. */
  async append(halt: FatalError): Promise<boolean> {
    const { context } = this;
    const position = await this.#position();
    if (position === undefined) return false;
    if (!(await confirmMembership(context))) return true; // recovery will say the same
    const fence = await placeFence(context, `an operator accepts ${halt.code}`);
    if (fence === undefined || !(await confirmMembership(context))) return true;
    const stamp = { epoch: fence.epoch, offset: fence.offset + 1 };
    const record = withPosition(encodeAccepted(this.wanted, halt.message, stamp), position);
    const outcome = await appendRecords(context, [record]);
    const next = position.commandOffset + 1;
    if (outcome.status === 'appended' && outcome.baseOffset === stamp.offset) this.#from = next;
    else this.#unheard = outcome.status === 'unknown' ? next : undefined; // L5: recovery reads back whether it is there
    return true;
  }

  /** What became of it, once recovery has ended. */
  answer(): AcceptAnswer {
    const { standing, settings, partition } = this.context;
    const { phase: state, reason } = standing;
    const from = this.#from ?? (state === 'active' ? this.#unheard : undefined); // no halt any more: it was found
    if (from !== undefined)
      return { status: 'accepted', from, state, ...(reason === undefined ? {} : { reason }), instance: settings.instanceId };
    if (state === 'stopped') return { status: 'notOwner' };
    const found = this.#refusal ?? reason ?? `partition ${partition} recovered without it`;
    return { status: 'refused', state, reason: found };
  }

  async #position(): Promise<CommandPosition | undefined> {
    const { logStart, highWatermark } = await commandBounds(this.context);
    const { from } = this.wanted;
    const next = from === 'earliest' ? logStart : from === 'latest' ? highWatermark : from;
    if (next < logStart || next > highWatermark) {
      this.#refusal = `commands cannot be read from ${next}: the topic holds ${logStart} to ${highWatermark}`;
      return undefined;
    }
    const last = await commandFrom(this.context, next - 1);
    return { commandOffset: next - 1, decidedAbove: [], ...(last?.offset === next - 1 ? { commandTime: last.timestamp } : {}) };
  }
}
