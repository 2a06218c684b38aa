import { setTimeout as delay } from 'node:timers/promises';
import type { AppProcess } from '#testing/cluster';
import type { Place } from '../faults/fault-plan.js';
import type { Door } from './door.js';

/** A process that ends by itself is not started again after so many times. */
const mostSurprises = 10;

/** Until a process has loaded its code, SIGTERM ends it as it ends any: there is nothing to put in order yet. */
const startsWithinMs = 5_000;

/** Starts the process of a place under an instance id, with the place's door as its only way out. */
export type Launch = (instance: string, environment: Record<string, string>) => Promise<AppProcess>;

/** `forceCompaction` sets this: a process that starts meanwhile refuses the topic, as it should, and is started again. */
const refusedWhileCompacting = 'workflow.events: min.compaction.lag.ms is 0';

/** A place in the cluster: the process that is there now, and its door. */
export class Berth {
  #process: AppProcess | undefined;
  #generation = 1;
  #startedAt = 0;
  #isExpectedToRun = false;
  /** One start at a time: a process that ended by itself is started again beside whatever a fault does. */
  #starting: Promise<void> = Promise.resolve();
  /** Processes that ended although nobody told them to. */
  readonly surprises: string[] = [];

  constructor(
    readonly place: Place,
    readonly door: Door,
    private readonly launch: Launch,
  ) {}

  get instance(): string {
    return this.#generation === 1 ? this.place : `${this.place}-${this.#generation}`;
  }

  get pid(): number | undefined {
    return this.#process?.running ? this.#process.pid : undefined;
  }

  get url(): string {
    return this.#process?.url ?? 'http://127.0.0.1:9';
  }

  /** Starts a process, under the same instance id or the next one; `ready` waits for it. */
  start(sameId = true): Promise<void> {
    this.#starting = this.#starting.then(() => this.#start(sameId));
    return this.#starting;
  }

  async #start(sameId: boolean): Promise<void> {
    if (this.#process?.running) return;
    if (!sameId) this.#generation += 1;
    const process = await this.launch(this.instance, this.door.environment);
    this.#process = process;
    this.#startedAt = Date.now();
    this.#isExpectedToRun = true;
    void process.exited.then(() => this.#mourn(process));
  }

  async ready(timeoutMs: number): Promise<void> {
    await this.#process?.ready(timeoutMs);
  }

  async kill(): Promise<void> {
    this.#isExpectedToRun = false;
    await this.#process?.kill();
  }

  /** SIGTERM; `undefined` when it ended in order within its time, else what was wrong. */
  async terminate(): Promise<string | undefined> {
    const process = this.#process;
    if (!process?.running) return undefined;
    this.#isExpectedToRun = false;
    const toldAt = Date.now();
    await process.stop();
    const tookMs = Date.now() - toldAt;
    const isBarelyStarted = toldAt - this.#startedAt < startsWithinMs && tookMs < startsWithinMs;
    if (process.exitCode === 0 || isBarelyStarted) return undefined;
    return `${process.instance} did not end in order after SIGTERM: exit ${process.exitCode} after ${tookMs} ms (${new Date(toldAt).toISOString()})`;
  }

  /** A process that ended by itself is a violation, unless this suite has just changed the topic that it checks at its start; it is started again, as a supervisor would. */
  async #mourn(process: AppProcess): Promise<void> {
    if (!this.#isExpectedToRun || this.#process !== process) return;
    const log = process.log(15);
    const isRefused = log.includes(refusedWhileCompacting);
    if (!isRefused) this.surprises.push(`${process.instance} (pid ${process.pid}) ended by itself with ${process.exitCode}:\n${log}`);
    if (this.surprises.length >= mostSurprises) return;
    await delay(500);
    await this.start();
  }

  freeze(): void {
    this.#process?.signal('SIGSTOP');
  }

  thaw(): void {
    this.#process?.signal('SIGCONT');
  }
}
