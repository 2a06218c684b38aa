import { Deque } from './deque.js';
import { type CommandInput, type MailInput, workflowOf } from './inputs.js';

/**
 * What waits to be decided. Commands and everything else stand in two lines that are served in turn; inputs of a workflow
 * with cold entities wait in its parking lot. Commands of one workflow keep their order.
 */
export class Mailbox {
  readonly #commands = new Deque<MailInput>();
  readonly #others = new Deque<MailInput>();
  readonly #parked = new Map<string, MailInput[]>();
  #aside: MailInput[] = [];
  #turn = false;

  push(input: MailInput): void {
    (input.kind === 'command' ? this.#commands : this.#others).push(input);
  }

  /** The next input, commands and others in turn. */
  next(): MailInput | undefined {
    this.#turn = !this.#turn;
    return this.#turn ? (this.#others.shift() ?? this.#commands.shift()) : (this.#commands.shift() ?? this.#others.shift());
  }

  /** Inputs that are to be decided again, in their order, before all others (L6): also before those that were parked after them. */
  putBack(inputs: readonly MailInput[]): void {
    this.unparkAll();
    this.#putInFront(inputs);
  }

  /** The input that was just taken: it is the next again. */
  untake(input: MailInput): void {
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
    this.releaseCommands(); // L7: the oldest may be among the parked ones, and nothing else would release the others
    if (this.#parked.size === 0) return;
    const lots = [...this.#parked.values()];
    this.#parked.clear();
    for (let i = lots.length - 1; i >= 0; i -= 1) this.#putInFront(lots[i] ?? []);
  }

  get isEmpty(): boolean {
    return this.#others.size === 0 && this.#commands.size === 0;
  }

  clear(): void {
    this.#commands.clear();
    this.#others.clear();
    this.#parked.clear();
    this.#aside = [];
  }
}
