import type { LogRecord } from '#protocol';
import type { PartitionContext } from '../control/context.js';
import type { AppendOutcome } from '../ports/partition-log.js';

/** One append (L3). An adapter that throws in spite of its contract leaves it open what happened (L5). */
export async function appendRecords(context: PartitionContext, records: readonly LogRecord[]): Promise<AppendOutcome> {
  const { partition, ports, rules } = context;
  try {
    if (rules.atomic || records.length < 2) return await ports.log.append(partition, records);
    return await appendInHalves(context, records);
  } catch (error) {
    return { status: 'unknown', code: 'APPEND_THREW', message: error instanceof Error ? error.message : String(error) };
  }
}

/** The mutant of L3. */
async function appendInHalves({ partition, ports }: PartitionContext, records: readonly LogRecord[]): Promise<AppendOutcome> {
  const half = records.length >> 1;
  const first = await ports.log.append(partition, records.slice(0, half));
  if (first.status !== 'appended') return first;
  const second = await ports.log.append(partition, records.slice(half));
  return second.status === 'appended' ? first : second;
}
