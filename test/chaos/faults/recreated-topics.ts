import { Kafka, logLevel } from 'kafkajs';
import { until } from '../../cluster/until.js';
import { callHttp } from '../callers/http-way.js';
import type { RunEvidence } from '../run-evidence.js';
import { enginePlaces } from '../world/chaos-world.js';

interface Shard {
  readonly shardId: number;
  readonly state: string;
  readonly reason?: string;
}

const commands = 'workflow.commands';
const namedHalt = /COMMAND_POSITION_OUT_OF_RANGE|COMMANDS_REPLACED/;

/**
 * The last act, as it leaves partitions stopped by design: the commands topic is deleted and made anew while no engine runs. Every
 * partition that remembers commands must then halt by name, and no other. Returns what is otherwise.
 */
export async function recreateCommands({ world, history, faults }: RunEvidence): Promise<string[]> {
  const end = faults.begin('topic-recreated', `${commands} is deleted and made anew`);
  const berths = enginePlaces.map((place) => world.berth(place));
  await Promise.all(berths.map((berth) => berth.terminate()));
  const admin = new Kafka({ brokers: [world.cluster.kafka.brokers], clientId: 'chaos-topics', logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [commands] });
  await until('the topic is gone', async () => ((await admin.listTopics()).includes(commands) ? undefined : true), 20_000);
  await admin.disconnect();
  await Promise.all(berths.map((berth) => berth.start()));
  const shards = await settledShards(world.url);
  end();
  return shards.flatMap(({ shardId, state, reason }) => {
    const remembers = (history.decidedUpTo.get(shardId) ?? -1) >= 0;
    if (remembers && state === 'halted' && namedHalt.test(reason ?? '')) return [];
    if (!remembers && state === 'active') return [];
    return [
      `after ${commands} was recreated, partition ${shardId} (decided up to ${history.decidedUpTo.get(shardId)}) is ${state} ${reason ?? ''}`,
    ];
  });
}

/** The shards once each is either active or halted. */
function settledShards(url: string): Promise<readonly Shard[]> {
  return until(
    'every partition is active or halted',
    async () => {
      const { body } = await callHttp(url, { method: 'GET', path: '/api/v1/cluster/shards' });
      const shards = (body.shards ?? []) as Shard[];
      return shards.length > 0 && shards.every(({ state }) => state === 'active' || state === 'halted') ? shards : undefined;
    },
    60_000,
  );
}
