import { type EngineStatus, type EngineStatusRequest, engineStatusPattern } from '#protocol';
import type { OwnerChannel } from '../ports/owner-channel.js';
import type { EngineMember } from '../ports/owner-directory.js';

/** How an engine says it stands; undefined where it does not answer in time, or does not trust this gateway. Never rejects. */
export async function askStatus(
  channel: OwnerChannel,
  { address }: EngineMember,
  secret: string | undefined,
  withinMs: number,
): Promise<EngineStatus | undefined> {
  const request: EngineStatusRequest = secret === undefined ? {} : { secret };
  try {
    const answer = await channel.request(address, engineStatusPattern, request, withinMs);
    return isStatus(answer) ? answer : undefined;
  } catch {
    return undefined; // its silence is the answer
  }
}

function isStatus(answer: unknown): answer is EngineStatus {
  return typeof answer === 'object' && answer !== null && Array.isArray((answer as { partitions?: unknown }).partitions);
}
