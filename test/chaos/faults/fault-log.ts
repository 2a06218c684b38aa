import { appendFileSync } from 'node:fs';

/** So long after its end a fault may still explain something. */
const aftermathMs = 8_000;

interface Logged {
  readonly from: number;
  to: number | undefined;
  readonly kind: string;
  readonly text: string;
}

/** What went wrong when, for whoever looks up a violation. */
export class FaultLog {
  readonly entries: Logged[] = [];

  constructor(private readonly file: string) {}

  begin(kind: string, text: string): () => void {
    const entry: Logged = { from: Date.now(), to: undefined, kind, text };
    this.entries.push(entry);
    this.#write(`begins: ${text}`);
    return () => {
      entry.to = Date.now();
      this.#write(`ends after ${entry.to - entry.from} ms: ${text}`);
    };
  }

  /** Faults that were under way, or had just ended, at a time (epoch milliseconds). */
  around(time: number): string[] {
    return this.entries.filter(({ from, to }) => from <= time + 1_000 && (to ?? time) >= time - aftermathMs).map(({ text }) => text);
  }

  /** Number of faults by kind. */
  counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { kind } of this.entries) counts[kind] = (counts[kind] ?? 0) + 1;
    return counts;
  }

  #write(text: string): void {
    appendFileSync(this.file, `${new Date().toISOString()} ${text}\n`);
  }
}
