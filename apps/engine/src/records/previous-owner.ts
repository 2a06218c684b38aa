import { fenceOffsetOf, isFence } from '#protocol';
import type { PartitionLog } from '#runtime';

const maxBytes = 65_536;
const decoder = new TextDecoder();

/** The instance whose fence began this epoch; undefined where it cannot be read now. */
export async function ownerOfEpoch(log: PartitionLog, partition: number, epoch: string): Promise<string | undefined> {
  const offset = fenceOffsetOf(epoch);
  try {
    const outcome = await log.read(partition, offset, { maxBytes, maxWaitMs: 0 });
    const fence = outcome.status === 'read' ? outcome.records.find((record) => record.offset === offset) : undefined;
    if (!fence || !isFence(fence) || fence.value === null) return undefined;
    const body = JSON.parse(decoder.decode(fence.value)) as { instance?: unknown };
    return typeof body.instance === 'string' ? body.instance : undefined;
  } catch {
    return undefined; // it is only for the record
  }
}
