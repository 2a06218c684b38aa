import type { Settings } from '#config';
import { probe } from '#liveness';
import type { Logger } from '#observability';
import type { EngineKafka } from './connect-to-kafka.js';
import { livenessCredentials } from './liveness-credentials.js';
import type { MemberRecords } from './records/member-records.js';

const probeMs = 500;

/**
 * Puts out of the group what a dead process of this name left there, so that its partitions need not wait for its session to run out.
 * Done once, before joining. One that still lives is left alone: two processes under one name are a mistake to be told, not to be fought over.
 */
export async function expelFormerSelf(
  settings: Settings,
  kafka: Pick<EngineKafka, 'formerSelves' | 'evict'>,
  logger: Logger,
  records: MemberRecords,
): Promise<void> {
  try {
    for (const former of await kafka.formerSelves()) {
      if (former.peer && (await isAlive(settings, former.peer))) {
        const message = 'a living process runs under this MILLRACE_INSTANCE_ID already: give each its own, or stop one of them';
        logger.error({ memberId: former.memberId, address: former.peer.address }, message);
        continue;
      }
      await kafka.evict(former.memberId);
      const fields = { event: 'member.left', member: settings.MILLRACE_INSTANCE_ID, memberId: former.memberId, reason: 'restarted' };
      records.left({ instance: settings.MILLRACE_INSTANCE_ID, memberId: former.memberId }, 'restarted');
      logger.info(fields, 'a former process of this name is out of the group');
    }
  } catch (error) {
    logger.warn({ error: String(error) }, 'the group could not be asked for a former process of this name; its session will run out');
  }
}

async function isAlive(settings: Settings, peer: Parameters<typeof probe>[0]): Promise<boolean> {
  return (await probe(peer, { ...livenessCredentials(settings), process: 'starting' }, probeMs)) === 'alive';
}
