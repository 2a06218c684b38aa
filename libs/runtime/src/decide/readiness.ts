import type { PartitionContext } from '../control/context.js';
import type { AnswerMemory } from '../dedupe/answer-memory.js';
import type { ColdLoader } from '../entities/cold-loader.js';
import type { EntityTable } from '../entities/entity-table.js';
import { elsewhereFor } from '../intake/placement.js';
import type { CommandInput, SignalInput } from '../mailbox/inputs.js';
import type { Overlay } from './overlay.js';

/** Whether all that an input needs is in memory; what is not is asked for. */
export class Readiness {
  constructor(
    readonly context: PartitionContext,
    readonly table: EntityTable,
    readonly answers: AnswerMemory,
    readonly loader: ColdLoader,
  ) {}

  isReadyForCommand(input: CommandInput, overlay: Overlay): boolean {
    const { command, executionKey, derivedKey } = input;
    const isKnown = overlay.answer(command.commandId) !== undefined || overlay.origin(derivedKey)?.commandId === command.commandId;
    if (isKnown) return true; // a repeat or a conflict
    let ready = this.#has(command.workflowId);
    if (ready && this.#isDecidedElsewhere(input, overlay)) return this.#hasAnswer(command.commandId); // only a refusal before the workflow was
    if (this.answers.isSurelyNew(command.commandId)) {
      if (input.derived) this.#installNew(input);
    } else {
      ready = this.#hasAnswer(command.commandId) && ready;
      ready = this.#has(derivedKey) && ready;
    }
    if (executionKey !== undefined) ready = this.#has(executionKey) && ready;
    return ready;
  }

  #isDecidedElsewhere(input: CommandInput, overlay: Overlay): boolean {
    const { partition, settings } = this.context;
    return elsewhereFor(input, overlay.workflow(input.command.workflowId), partition, settings.partitions) !== undefined;
  }

  isReadyForSignal(input: SignalInput): boolean {
    const workflow = this.#has(input.signal.workflowId);
    return this.#has(input.entityKey) && workflow;
  }

  /** An execution whose id derives from a commandId that was never decided does not exist: no look-up. */
  #installNew({ command }: CommandInput): void {
    if (command.type === 'ExecuteWorkflow')
      this.table.installNew(command.workflowId, command.data.executionId, this.context.ports.clock.now());
  }

  #hasAnswer(commandId: string): boolean {
    if (!this.answers.needsLookUp(commandId)) return true;
    this.loader.wantAnswer(commandId);
    return false;
  }

  #has(key: string): boolean {
    const entity = this.table.get(key);
    if (entity === undefined) {
      this.loader.wantEntity(key);
      return false;
    }
    entity.usedAt = this.context.ports.clock.now();
    return true;
  }
}
