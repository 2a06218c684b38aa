import { type ParsedCommand, parseCommand, partitionOf, type RawRecord } from '#protocol';
import type { CommandTopic } from '../memory/index.js';
import type { InvariantId } from './invariants.js';
import type { Complaint, PartitionHistory, PositionEntry } from './partition-history.js';

type Sound = Extract<ParsedCommand, { ok: true }>;

const text = new TextDecoder();

/** I-05, I-21: every command that the latest position calls decided is in the history, or was put aside, or was forwarded. */
export function checkPosition(partition: number, history: PartitionHistory, topic: CommandTopic, complain: Complaint): void {
  const last = history.positions.at(-1);
  if (last !== undefined && !speaksOfFormerTopic(partition, last, topic)) checkFinalPosition(partition, history, topic, complain);
}

/** The same once nothing is on its way any more: whoever owns the partition must know by then that its topic is another one. */
export function checkFinalPosition(partition: number, history: PartitionHistory, topic: CommandTopic, complain: Complaint): void {
  const position = history.positions.at(-1);
  if (position === undefined) return;
  const above = new Set(position.decidedAbove);
  for (const offset of above) {
    if (offset <= position.commandOffset) complain('I-05', `decidedAbove lists ${offset}, commandOffset is ${position.commandOffset}`);
  }
  for (const record of topic.all(partition)) {
    if (record.offset > position.commandOffset && !above.has(record.offset)) continue;
    if (history.settledCommands.has(record.offset) || record.offset <= history.acceptedTo) continue;
    const missing = missingOf(partition, record, history, topic);
    if (missing === undefined) history.settledCommands.add(record.offset);
    else complain(missing, `command ${record.offset} of partition ${partition} is passed undecided (position at ${position.offset})`);
  }
  if (position.commandOffset >= topic.bounds(partition).highWatermark)
    complain('I-05', `commandOffset ${position.commandOffset} is beyond the topic`);
}

/**
 * A topic was recreated while its owner still had inputs of the old one, or appends were on their way: such a position is honest as
 * long as it carries a time that the topic denies, because the next who looks halts.
 */
export function speaksOfFormerTopic(partition: number, position: PositionEntry, topic: CommandTopic): boolean {
  if (topic.generationOf(partition) === 0 || position.commandTime === undefined) return false;
  const highest = position.decidedAbove.at(-1) ?? position.commandOffset;
  return topic.all(partition).find(({ offset }) => offset === highest)?.timestamp !== position.commandTime;
}

/** Which invariant a command that counts as decided breaks; undefined when it rightly does. */
function missingOf(partition: number, record: RawRecord, history: PartitionHistory, topic: CommandTopic): InvariantId | undefined {
  const parsed = parseCommand(record.key, record.value);
  if (!parsed.ok) return topic.rejected.some((one) => one.partition === partition && one.offset === record.offset) ? undefined : 'I-21';
  const { workflowId, commandId } = parsed.command;
  const home = partitionOf(workflowId, topic.partitions);
  const isDecided = history.decisions.has(commandId);
  if (mayBeDecidedElsewhere(record, parsed, history))
    return isDecided || isForwardedAnywhere(record, partition, topic) ? undefined : 'I-05';
  if (home === partition) return isDecided ? undefined : 'I-05';
  return isForwarded(record, home, topic) ? undefined : 'I-21';
}

/** Whether it is about an execution, and keyed, sent by an engine, or of a workflow, so that another partition may rightly decide it. */
function mayBeDecidedElsewhere({ headers }: RawRecord, { command, key }: Sound, history: PartitionHistory): boolean {
  if (headers.route !== undefined) return true;
  if (key !== command.workflowId) return true;
  const workflow = history.stateOf(command.workflowId);
  const isAboutExecution = command.type === 'ExecuteWorkflow' || 'executionId' in command.data;
  return isAboutExecution && workflow !== undefined && 'sharding' in workflow;
}

function isForwardedAnywhere(record: RawRecord, from: number, topic: CommandTopic): boolean {
  for (let partition = 0; partition < topic.partitions; partition += 1)
    if (partition !== from && isForwarded(record, partition, topic)) return true;
  return false;
}

function isForwarded(record: RawRecord, home: number, topic: CommandTopic): boolean {
  if (topic.bounds(home).logStart > 0 || topic.recreated.has(home)) return true; // the forwarded copy may be among what that topic has lost since
  const bytes = text.decode(record.value ?? undefined);
  return topic.all(home).some((one) => one.value !== null && text.decode(one.value) === bytes && one.timestamp >= record.timestamp);
}
