import { setTimeout as delay } from 'node:timers/promises';

/** How long to go on asking, and how long to pause between two questions. */
export interface Bound {
  readonly withinMs: number;
  readonly everyMs?: number;
}

/** Asks until there is an answer that is not undefined; a question that throws counts as "not yet". Rejects, naming `what` and the last trouble, when the time is up. */
export async function until<T>(
  what: string,
  ask: () => T | undefined | Promise<T | undefined>,
  { withinMs, everyMs = 20 }: Bound,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  let trouble = 'no answer';
  while (performance.now() < deadline) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      trouble = 'not yet';
    } catch (error) {
      trouble = String(error).slice(0, 300);
    }
    await delay(everyMs);
  }
  throw new Error(`${what} did not happen within ${withinMs} ms: ${trouble}`);
}
