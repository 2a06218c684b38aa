import type { EnginePattern } from '#protocol';

/** Asks engines over their query port. Rejects with TransientError when there is no answer within `timeoutMs`. */
export interface OwnerChannel {
  request(address: string, pattern: EnginePattern, data: unknown, timeoutMs: number): Promise<unknown>;
}
