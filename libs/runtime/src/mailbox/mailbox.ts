import { FairLine } from './fair-line.js';
import { type CommandInput, type MailInput, workflowOf } from './inputs.js';

const maxOvertakenOthers = 10_000;

/**
 * What waits to be decided. Commands and everything else stand in two lines that are served in turn, and within a line one
 * workflow after the other; inputs of a workflow with cold entities wait in its parking lot. Commands of one workflow keep their order.
 */
export class Mailbox {
  readonly #commands: FairLine;
  readonly #others = new FairLine(maxOvertakenOthers);
  readonly #parked = new Map<string, MailInput[]>();
  #aside: MailInput[] = [];
  #turn = false;
  #parkedCount = 0;
  #bytes = 0;

  /** `maxOvertaken`: commands that may be taken before an older one of another workflow; they are listed in `decidedAbove` (L7). */
  constructor(maxOvertaken: number) {
    this.#commands = new FairLine(maxOvertaken);
  }

  push(input: MailInput): void {
    this.#bytes += bytesOf(input);
    (input.kind === 'command' ? this.#commands : this.#others).push(input);
  }

  /** The next input, commands and others in turn; `commandsToo` false leaves the commands where they are. */
  next(commandsToo = true): MailInput | undefined {
    if (!commandsToo) return this.#others.take();
    this.#turn = !this.#turn;
    const input = this.#turn ? (this.#others.take() ?? this.#commands.take()) : (this.#commands.take() ?? this.#others.take());
    if (input !== undefined) this.#bytes -= bytesOf(input);
    return input;
  }

  /** Inputs that are to be decided again, in their order, before all others (L6): also before those that were parked after them. */
  putBack(inputs: readonly MailInput[]): void {
    this.unparkAll();
    for (const input of inputs) this.#bytes += bytesOf(input);
    this.#putInFront(inputs);
  }

  /** The input that was just taken: it is the next again. */
  untake(input: MailInput): void {
    this.#bytes += bytesOf(input);
    this.#putInFront([input]);
  }

  #putInFront(inputs: readonly MailInput[]): void {
    for (let i = inputs.length - 1; i >= 0; i -= 1) {
      const input = inputs[i];
      if (input !== undefined) (input.kind === 'command' ? this.#commands : this.#others).unshift(input);
    }
  }

  /** L7: too many are decided above one that waits: this one is passed over until `releaseCommands`; the oldest may stand behind it. */
  setAside(input: MailInput): void {
    this.#bytes += bytesOf(input);
    this.#aside.push(input);
  }

  releaseCommands(): void {
    if (this.#aside.length === 0) return;
    const aside = this.#aside;
    this.#aside = [];
    this.#putInFront(aside);
  }

  park(input: MailInput): void {
    const workflowId = workflowOf(input) ?? '';
    this.#bytes += bytesOf(input);
    this.#parkedCount += 1;
    const lot = this.#parked.get(workflowId);
    if (lot) lot.push(input);
    else this.#parked.set(workflowId, [input]);
  }

  /** Whether a command must queue behind parked ones of its workflow. */
  mustQueue(input: CommandInput): boolean {
    return this.#parked.has(input.command.workflowId);
  }

  /** Something was loaded: parked inputs try again, before all others. */
  unparkAll(): void {
    const lots = [...this.#parked.values()];
    this.#parked.clear();
    this.#parkedCount = 0;
    for (let i = lots.length - 1; i >= 0; i -= 1) this.#putInFront(lots[i] ?? []);
    // L7: the oldest may be among the parked ones, and nothing else would release those set aside; of one workflow they are the older ones
    this.releaseCommands();
  }

  /** Nothing can be decided now; parked inputs may wait. */
  get isEmpty(): boolean {
    return this.#others.size === 0 && this.#commands.size === 0;
  }

  /** Of the commands that wait, parked ones and those set aside included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Inputs that wait, parked ones and those set aside included. */
  get size(): number {
    return this.#others.size + this.#commands.size + this.#parkedCount + this.#aside.length;
  }

  clear(): void {
    this.#commands.clear();
    this.#others.clear();
    this.#parked.clear();
    this.#parkedCount = 0;
    this.#bytes = 0;
    this.#aside = [];
  }
}

function bytesOf(input: MailInput): number {
  return input.kind === 'command' ? input.bytes : 0;
}
