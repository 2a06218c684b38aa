import type { PartitionLoad } from '#kafka';

/** Loads are averaged over about so long. */
const averagedOverMs = 60_000;
/** A partition counts as measured once it has been here for so long: its first seconds are those of its recovery. */
const measuredAfterMs = 30_000;

interface Measures {
  ageMs: number;
  events: number;
  stageMs: number;
  eventsPerSecond: number;
  stageMsPerSecond: number;
}

/** Measures what each owned partition costs this engine: a plain mean at first, then a moving one. */
export class LoadMeter {
  readonly #partitions = new Map<number, Measures>();

  /** A partition that comes anew, or comes back, is measured from the start. */
  assigned({ gained, lost }: { readonly gained: readonly number[]; readonly lost: readonly number[] }): void {
    for (const partition of lost) this.#partitions.delete(partition);
    for (const partition of gained)
      this.#partitions.set(partition, { ageMs: 0, events: 0, stageMs: 0, eventsPerSecond: 0, stageMsPerSecond: 0 });
  }

  appended(partition: number, events: number): void {
    const measures = this.#partitions.get(partition);
    if (measures) measures.events += events;
  }

  stageRan(partition: number, durationMs: number): void {
    const measures = this.#partitions.get(partition);
    if (measures) measures.stageMs += durationMs;
  }

  /** Takes what came in during the last `elapsedMs`. */
  sample(elapsedMs: number): void {
    if (elapsedMs <= 0) return;
    for (const measures of this.#partitions.values()) {
      measures.ageMs += elapsedMs;
      const weight = Math.max(1 - Math.exp(-elapsedMs / averagedOverMs), elapsedMs / measures.ageMs);
      const seconds = elapsedMs / 1_000;
      measures.eventsPerSecond += weight * (measures.events / seconds - measures.eventsPerSecond);
      measures.stageMsPerSecond += weight * (measures.stageMs / seconds - measures.stageMsPerSecond);
      measures.events = 0;
      measures.stageMs = 0;
    }
  }

  /** By partition; only those that have been measured for long enough. */
  loads(): ReadonlyMap<number, PartitionLoad> {
    const loads = new Map<number, PartitionLoad>();
    for (const [partition, { ageMs, eventsPerSecond, stageMsPerSecond }] of this.#partitions)
      if (ageMs >= measuredAfterMs) loads.set(partition, { eventsPerSecond, stageMsPerSecond });
    return loads;
  }
}
