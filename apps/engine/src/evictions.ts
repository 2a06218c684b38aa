import { setTimeout as delay } from 'node:timers/promises';
import type { Suspicion } from '#liveness';
import type { Logger } from '#observability';
import type { EngineKafka } from './connect-to-kafka.js';

export interface EvictionsParts {
  readonly kafka: Pick<EngineKafka, 'evict'>;
  readonly logger: Logger;
  /** How long a coordinator that cannot be reached is tried: then the session time-out has done it. */
  readonly withinMs: number;
  readonly evicted: (suspicion: Suspicion) => void;
}

const firstPauseMs = 50;
const maxPauseMs = 1_000;

/** Members that this process is putting out of the group: tried again while the coordinator cannot be reached, until the session time-out. */
export class Evictions {
  readonly #underWay = new Map<string, AbortController>();

  constructor(private readonly parts: EvictionsParts) {}

  begin(suspicion: Suspicion): void {
    const { memberId } = suspicion.peer;
    if (this.#underWay.has(memberId)) return;
    const stop = new AbortController();
    this.#underWay.set(memberId, stop);
    void this.#evict(suspicion, stop.signal).finally(() => this.#underWay.delete(memberId));
  }

  /** It is out: by this process or another. */
  done(memberId: string): void {
    this.#underWay.get(memberId)?.abort();
  }

  stop(): void {
    for (const stop of this.#underWay.values()) stop.abort();
  }

  async #evict(suspicion: Suspicion, signal: AbortSignal): Promise<void> {
    const { kafka, logger, withinMs, evicted } = this.parts;
    const { memberId, instance } = suspicion.peer;
    const deadline = performance.now() + withinMs;
    for (let pauseMs = firstPauseMs; !signal.aborted; pauseMs = Math.min(maxPauseMs, pauseMs * 2)) {
      try {
        await kafka.evict(memberId);
        return evicted(suspicion);
      } catch (error) {
        logger.warn({ member: instance, memberId, error: String(error) }, 'a dead member could not be put out of the group');
      }
      if (performance.now() + pauseMs > deadline) return;
      await delay(pauseMs, undefined, { signal }).catch(() => undefined); // aborted: the loop ends
    }
  }
}
