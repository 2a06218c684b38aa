import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Measures this process between two questions. */
export class ProcessMeter {
  readonly #delay = monitorEventLoopDelay({ resolution: 100 });
  #usage = process.cpuUsage();
  #at = process.hrtime.bigint();

  constructor() {
    this.#delay.enable();
  }

  read(): { cpu: number; rssBytes: number; heapBytes: number; eventLoopDelayMs: number } {
    const used = process.cpuUsage(this.#usage);
    const now = process.hrtime.bigint();
    const elapsedUs = Number(now - this.#at) / 1_000;
    this.#usage = process.cpuUsage();
    this.#at = now;
    const memory = process.memoryUsage();
    const eventLoopDelayMs = Math.round(this.#delay.percentile(99) / 1e4) / 100;
    this.#delay.reset();
    const cpu = elapsedUs > 0 ? Math.round(((used.user + used.system) / elapsedUs) * 100) / 100 : 0;
    return { cpu, rssBytes: memory.rss, heapBytes: memory.heapUsed, eventLoopDelayMs };
  }

  stop(): void {
    this.#delay.disable();
  }
}
