import { parseCommand, partitionOf, type RawRecord } from '#protocol';
import type { CommandTopic } from '../memory/index.js';
import type { InvariantId } from './invariants.js';
import type { Complaint, PartitionHistory } from './partition-history.js';

const text = new TextDecoder();

/** I-05, I-21: every command that the latest position calls decided is in the history, or was put aside, or was forwarded. */
export function checkPosition(partition: number, history: PartitionHistory, topic: CommandTopic, complain: Complaint): void {
  const position = history.positions.at(-1);
  if (position === undefined) return;
  const above = new Set(position.decidedAbove);
  for (const offset of above) {
    if (offset <= position.commandOffset) complain('I-05', `decidedAbove lists ${offset}, commandOffset is ${position.commandOffset}`);
  }
  for (const record of topic.all(partition)) {
    if (record.offset > position.commandOffset && !above.has(record.offset)) continue;
    if (history.settledCommands.has(record.offset)) continue;
    const missing = missingOf(partition, record, history, topic);
    if (missing === undefined) history.settledCommands.add(record.offset);
    else complain(missing, `command ${record.offset} of partition ${partition} is passed undecided (position at ${position.offset})`);
  }
  if (position.commandOffset >= topic.bounds(partition).highWatermark)
    complain('I-05', `commandOffset ${position.commandOffset} is beyond the topic`);
}

/** Which invariant a command that counts as decided breaks; undefined when it rightly does. */
function missingOf(partition: number, record: RawRecord, history: PartitionHistory, topic: CommandTopic): InvariantId | undefined {
  const parsed = parseCommand(record.key, record.value);
  if (!parsed.ok) return topic.rejected.some((one) => one.partition === partition && one.offset === record.offset) ? undefined : 'I-21';
  const { workflowId, commandId } = parsed.command;
  const home = partitionOf(workflowId, topic.partitions);
  if (home === partition) return history.decisions.has(commandId) ? undefined : 'I-05';
  return isForwarded(record, home, topic) ? undefined : 'I-21';
}

function isForwarded(record: RawRecord, home: number, topic: CommandTopic): boolean {
  if (topic.bounds(home).logStart > 0) return true; // the forwarded copy may be among what that topic has lost since
  const bytes = text.decode(record.value ?? undefined);
  return topic.all(home).some((one) => one.value !== null && text.decode(one.value) === bytes && one.timestamp >= record.timestamp);
}
