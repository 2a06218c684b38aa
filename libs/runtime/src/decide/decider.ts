import { type Command, type DecisionState, decide, type ExecutionState, type Input, type JsonObject, resultOf } from '#core';
import { completeEvent, derivedIdPattern, parseEntityKey } from '#protocol';
import type { PartitionContext } from '../control/context.js';
import type { EntityTable } from '../entities/entity-table.js';
import { type Elsewhere, elsewhereFor } from '../intake/placement.js';
import type { CommandInput, SignalInput } from '../mailbox/inputs.js';
import type { CommandAnswer } from '../ports/snapshot-store.js';
import { applyDrafts } from './apply-drafts.js';
import type { Overlay } from './overlay.js';
import type { Change, Verdict } from './verdict.js';

/** Turns one input into a verdict, on the overlay's states. Their entities are in memory. Changes nothing itself. */
export class Decider {
  constructor(
    readonly context: PartitionContext,
    readonly table: EntityTable,
  ) {}

  command(input: CommandInput, overlay: Overlay): Verdict {
    const now = this.context.ports.clock.now();
    const known = this.context.rules.dedupe ? this.#known(input, overlay) : undefined;
    if (known !== undefined) return { kind: 'answered', answer: known };
    const elsewhere = this.#elsewhere(input, overlay);
    if (elsewhere !== undefined) return { kind: 'elsewhere', elsewhere };
    const early = this.#refusedEarly(input, overlay);
    if (early !== undefined) return refused(input, early);
    if (input.command.type === 'ReleaseQuarantine') return release(input);
    if (isForShard(input.command) && input.route !== 'shard')
      return refused(input, refusal('INVALID_COMMAND', `${input.command.type} is the engines' own: it goes to shards only`));
    try {
      return this.#decideCommand(input, { ...input.command, now }, overlay);
    } catch (error) {
      return refused(input, refusal('DECISION_FAILED', `the command could not be decided: ${messageOf(error)}`)); // V3
    }
  }

  signal(input: SignalInput, overlay: Overlay): Verdict {
    const { signal, entityKey } = input;
    if (this.#quarantine(signal.workflowId, entityKey) !== undefined) return { kind: 'nothing' };
    try {
      const state = { workflow: overlay.workflow(signal.workflowId), execution: overlay.execution(entityKey) };
      const decision = decide(signal, state, this.context.ports.core);
      if (decision.kind === 'refused' || decision.events.length === 0) return { kind: 'nothing' };
      const executionId = 'executionId' in signal ? signal.executionId : '';
      return { kind: 'changed', change: this.#complete(decision.events, { ...signal, executionId }, state) };
    } catch (error) {
      return { kind: 'broken', reason: `DECISION_FAILED: ${messageOf(error)}` }; // V3
    }
  }

  #elsewhere(input: CommandInput, overlay: Overlay): Elsewhere | undefined {
    const { partition, settings } = this.context;
    return elsewhereFor(input, overlay.workflow(input.command.workflowId), partition, settings.partitions);
  }

  /** The refusal of a command whose decision does not fit into one append (L3). */
  tooLarge(input: CommandInput, bytes: number): Verdict {
    const limit = this.context.settings.maxAppendBytes;
    return refused(
      input,
      refusal('PAYLOAD_TOO_LARGE', `the command leads to ${bytes} bytes of events; at most ${limit} fit into one append`),
    );
  }

  #decideCommand(input: CommandInput, command: Command, overlay: Overlay): Verdict {
    const state = { workflow: overlay.workflow(command.workflowId), execution: overlay.execution(input.executionKey) };
    const decision = decide(command, state, this.context.ports.core);
    if (decision.kind === 'refused') return refused(input, { ok: false, ...decision.refusal });
    const answer = { ok: true, result: decision.result } as const;
    if (decision.events.length === 0) return { kind: 'answered', answer, entry: { ...causeOf(input), result: decision.result } };
    const executionId = input.executionKey === undefined ? '' : (parseEntityKey(input.executionKey).executionId ?? '');
    const change = this.#complete(decision.events, { workflowId: command.workflowId, executionId, now: command.now }, state);
    return { kind: 'changed', change, cause: causeOf(input), answer };
  }

  #complete(
    drafts: Parameters<typeof applyDrafts>[0],
    place: Pick<Input, 'workflowId' | 'now'> & { executionId: string },
    state: DecisionState,
  ): Change {
    const { workflowId, executionId, now } = place;
    const { standing, partition } = this.context;
    return applyDrafts(drafts, state, { workflowId, executionId, now, epoch: standing.epoch, partition });
  }

  /** The first answer to this commandId, or the conflict of another body under it. */
  #known(input: CommandInput, overlay: Overlay): CommandAnswer | undefined {
    const { commandId } = input.command;
    const first = overlay.answer(commandId);
    if (first !== undefined) return first.commandHash === input.commandHash ? first.answer : conflict(commandId);
    const origin = overlay.origin(input.derivedKey);
    if (origin?.commandId !== commandId) return undefined;
    if (origin.commandHash !== input.commandHash) return conflict(commandId);
    return startedAnswer(input.derivedKey, overlay.execution(input.derivedKey));
  }

  /** What is refused without a look at any state. */
  #refusedEarly(input: CommandInput, overlay: Overlay): Refused | undefined {
    const { command } = input;
    if (isForShard(command)) return this.#refusedByQuarantine(input); // L12: its revision says whether it is old, however late it is
    if (overlay.memory.isFromTheFuture(command.commandId, input.writtenAt))
      return refusal('INVALID_COMMAND', `commandId ${command.commandId} was minted in the future: check the sender's clock`);
    const late = this.#refusedForTime(input);
    if (late !== undefined) return late;
    if (command.type === 'ExecuteWorkflow' && !input.derived && derivedIdPattern.test(command.data.executionId))
      return refusal('INVALID_COMMAND', 'an executionId of x and 26 base32 characters is reserved for ids derived from a commandId');
    if (command.type === 'ReleaseQuarantine') return undefined;
    const quarantined = this.#refusedByQuarantine(input) ?? refusedWithoutShard(input, overlay);
    if (quarantined !== undefined || command.type !== 'ExecuteWorkflow') return quarantined;
    return this.#overLimit(command.workflowId, overlay);
  }

  #refusedByQuarantine({ command, executionKey }: CommandInput): Refused | undefined {
    const quarantine = this.#quarantine(command.workflowId, executionKey);
    return quarantine && refusal('QUARANTINED', `quarantined at offset ${quarantine.offset}: ${quarantine.reason}`);
  }

  /**
   * By the broker's time: a command must not be blamed for the clock of its owner. Where that time is not known yet, nothing is refused
   * for it. What may have been forgotten already is stale; what has certainly expired is expired.
   */
  #refusedForTime({ issuedAt, expiresAt }: CommandInput): Refused | undefined {
    const { skew, settings, rules, clock } = this.context;
    const latest = rules.brokerTime ? skew.brokerTimeAtMost : clock.now();
    const earliest = rules.brokerTime ? skew.brokerTimeAtLeast : latest;
    if (latest !== undefined && issuedAt < latest - settings.dedupeWindowMs)
      return refusal('STALE_COMMAND', `the command is older than the dedupe window: send a new one`);
    if (expiresAt !== undefined && earliest !== undefined && expiresAt <= earliest)
      return refusal('EXPIRED', `the command expired at ${new Date(expiresAt).toISOString()}, before its owner took it up`);
    return undefined;
  }

  /** Starts are refused while a limit is reached; whatever was started before goes on. */
  #overLimit(workflowId: string, overlay: Overlay): Refused | undefined {
    const { settings, ports } = this.context;
    const workflow = overlay.workflow(workflowId);
    const running = workflow.status === 'active' ? workflow.runningCount : 0;
    if (running >= settings.maxExecutionsPerWorkflow)
      return refusal('RESOURCE_EXHAUSTED', `workflow ${workflowId} has ${running} unfinished executions, as many as one may have`);
    const full = ports.work.overloaded?.(workflowId);
    return full === undefined ? undefined : refusal('RESOURCE_EXHAUSTED', full);
  }

  #quarantine(workflowId: string, executionKey: string | undefined) {
    const execution = executionKey === undefined ? undefined : this.table.execution(executionKey);
    return execution?.quarantine ?? this.table.workflow(workflowId)?.quarantine;
  }
}

/** Home has sent it, and nothing before it that would have placed a shard. */
function refusedWithoutShard({ command, route }: CommandInput, overlay: Overlay): Refused | undefined {
  const { workflowId } = command;
  if (route !== 'shard' || overlay.workflow(workflowId).status !== 'absent') return undefined;
  const message = `there is no workflow ${workflowId} whose executions are spread: with strategy "workflow" the record's key must be the workflow's id`;
  return refusal('WORKFLOW_NOT_FOUND', message);
}

function isForShard({ type }: Command): boolean {
  return type === 'PlaceShard' || type === 'CloseShard';
}

type Refused = Extract<CommandAnswer, { ok: false }>;

function refusal(code: string, message: string): Refused {
  return { ok: false, code, message };
}

function refused(input: CommandInput, answer: Refused): Verdict {
  const { code, message, details } = answer;
  return { kind: 'answered', answer, entry: { ...causeOf(input), code, message, ...(details === undefined ? {} : { details }) } };
}

function release(input: CommandInput): Verdict {
  const key = input.executionKey ?? input.command.workflowId;
  const result: JsonObject = { ...parseEntityKey(key), released: true };
  return { kind: 'answered', answer: { ok: true, result }, entry: { ...causeOf(input), result, releases: key }, releases: key };
}

function conflict(commandId: string): CommandAnswer {
  return refusal('COMMAND_CONFLICT', `commandId ${commandId} was used before for another command`);
}

function causeOf(input: CommandInput) {
  return { commandId: input.command.commandId, commandHash: input.commandHash };
}

/** The answer that the starting command got, derived again from what it started. */
function startedAnswer(key: string, state: ExecutionState): CommandAnswer {
  const { workflowId, executionId = '' } = parseEntityKey(key);
  if (state.status === 'notStarted') return refusal('DECISION_FAILED', `execution ${executionId} has a starter but no start`);
  const { workflowName, version, totalNodes, input, startedAt } = state;
  const data = { workflowName, version, totalNodes, input };
  const place = { workflowId, executionId, seq: 1, at: startedAt, epoch: '' };
  return { ok: true, result: resultOf(completeEvent({ entity: 'execution', type: 'WorkflowStarted', data }, place)) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
