import type { CommandTopic } from '../memory/index.js';
import type { Complaint, DecisionEntry, PartitionHistory } from './partition-history.js';

const text = new TextDecoder();

/** I-28: whoever is told of a change finds it on every partition, because what says so stands on each commands topic before anything he sends. */
export function checkToldAfterSent(
  decisions: readonly DecisionEntry[],
  histories: ReadonlyMap<number, PartitionHistory>,
  topic: CommandTopic,
  complain: Complaint,
): void {
  for (const { event } of decisions) {
    if (event === undefined || event.executionId !== undefined) continue;
    const home = [...histories].find(([, history]) => history.lastWords.has(event.workflowId))?.[0];
    const isForShards = event.type === 'WorkflowCreated' || event.type === 'WorkflowUpdated' || event.type === 'WorkflowDeleted';
    if (home === undefined || !isForShards) continue;
    for (let partition = 0; partition < topic.partitions; partition += 1) {
      const isLost = topic.bounds(partition).logStart > 0 || topic.recreated.has(partition);
      if (partition === home || isLost || isSent(topic, partition, `outbox/${event.workflowId}/${event.seq}/${partition}`)) continue;
      complain('I-28', `${event.type} ${event.seq} of ${event.workflowId} was acknowledged before partition ${partition} could hear of it`);
    }
  }
}

function isSent(topic: CommandTopic, partition: number, commandId: string): boolean {
  return topic.all(partition).some(({ value }) => value !== null && text.decode(value).includes(JSON.stringify(commandId)));
}

/** I-28: at rest every shard knows the last word of its home. */
export function checkShards(histories: ReadonlyMap<number, PartitionHistory>, partitions: number, complain: Complaint): void {
  for (const [home, { lastWords, entities }] of histories) {
    for (const [workflowId, revision] of lastWords) {
      const status = entities.get(workflowId)?.state.status;
      for (let partition = 0; partition < partitions; partition += 1) {
        if (partition === home) continue;
        const shard = histories.get(partition)?.stateOf(workflowId);
        const known = shard !== undefined && 'revision' in shard ? shard.revision : undefined;
        if (known !== revision || shard?.status !== status)
          complain('I-28', `${workflowId} is ${status} at ${revision}; its shard on ${partition} is ${shard?.status} at ${known}`);
      }
    }
  }
}

/** I-02, I-04 over all partitions: a command takes effect on one of them, an execution lives on one. */
export function checkEffects(histories: readonly PartitionHistory[], complain: Complaint): void {
  const effects = new Set<string>();
  const executions = new Set<string>();
  for (const { decisions, entities } of histories) {
    for (const [commandId, entries] of decisions) {
      if (!entries.some(({ kind }) => kind === 'event')) continue;
      if (effects.has(commandId)) complain('I-04', `${commandId} takes effect on two partitions`);
      effects.add(commandId);
    }
    for (const { key, kind } of entities.values()) {
      if (kind !== 'execution') continue;
      if (executions.has(key)) complain('I-02', `${key} lives on two partitions`);
      executions.add(key);
    }
  }
}
