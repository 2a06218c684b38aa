import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { Credentials } from './handshake.js';
import type { Departure, Peer, PeerStatus, Suspicion } from './peer.js';
import type { SuspicionLimits } from './suspicion.js';
import type { FromThread, ThreadSettings, ToThread } from './thread-messages.js';

const turnEveryMs = 200;
const firstRestartMs = 50;
const maxRestartMs = 5_000;
const stopMs = 500;
const threadHeapMb = 64;

export interface FailureDetectorOptions {
  readonly credentials: Omit<Credentials, 'process'>;
  /** Where the liveness port listens, and others reach it. `port`: 0 = any. */
  readonly host: string;
  readonly port: number;
  readonly limits: SuspicionLimits;
  readonly holdDownMs: number;
  /** This process is ended (SIGKILL, after a log line) once its main loop has not turned for so long, ms; 0 = never. */
  readonly endStalledAfterMs: number;
  /** A peer is to be put out of the group; told once per join of it, and held down between repetitions. */
  readonly onSuspicion: (suspicion: Suspicion) => void;
  /** Somebody has left or was put out: beat at once. */
  readonly onDeparture: (departure: Departure) => void;
  readonly log: (level: 'info' | 'warn' | 'error', message: string, fields: Readonly<Record<string, unknown>>) => void;
  /** The compiled thread; default: beside this module. */
  readonly threadUrl?: URL;
}

/** Watches the other engines from a thread of its own, so that neither side's busy main loop looks like death. Starts the thread again when it dies. */
export class FailureDetector {
  /** New at each start of this process: tells it from one that comes after it under the same name. */
  readonly process = randomUUID().slice(0, 8);
  readonly #turns = new SharedArrayBuffer(4);
  #worker: Worker | undefined;
  #port: number;
  #watched: Extract<ToThread, { type: 'watch' }> | undefined;
  #statuses: ReadonlyMap<string, PeerStatus> = new Map();
  #turning: NodeJS.Timeout | undefined;
  #restarting: NodeJS.Timeout | undefined;
  #restartMs = firstRestartMs;
  #hasListened = false;
  #stopping = false;

  constructor(private readonly options: FailureDetectorOptions) {
    this.#port = options.port;
  }

  /** Resolves once it listens; rejects where it cannot (the port is taken). */
  start(): Promise<void> {
    const turns = new Int32Array(this.#turns);
    this.#turning = setInterval(() => Atomics.add(turns, 0, 1), turnEveryMs);
    this.#turning.unref();
    return new Promise((resolve, reject) => this.#begin(resolve, reject));
  }

  /** What the others need to watch this process; for its member data. */
  get liveness(): Peer['liveness'] {
    return { address: `${this.options.host}:${this.#port}`, process: this.process };
  }

  /** After each assignment: the member id of this process and its peers. */
  watch(memberId: string, peers: readonly Peer[]): void {
    this.#watched = { type: 'watch', memberId, peers };
    this.#post(this.#watched);
  }

  /** Tells all peers to beat at once. */
  announce(departure: Omit<Departure, 'id' | 'by'>): void {
    this.#post({ type: 'departure', departure: { ...departure, id: randomUUID(), by: this.options.credentials.instance } });
  }

  /** What is seen of each watched peer, by member id; at most a ping interval old. */
  get statuses(): ReadonlyMap<string, PeerStatus> {
    return this.#statuses;
  }

  /** Says goodbye to the peers, so that the end of this process is no failure, and ends the thread. Bounded. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#turning);
    clearTimeout(this.#restarting);
    const worker = this.#worker;
    if (!worker) return;
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    this.#post({ type: 'stop' });
    const timer = setTimeout(() => void worker.terminate(), stopMs);
    await ended;
    clearTimeout(timer);
  }

  #begin(listening: () => void, failed: (error: unknown) => void): void {
    const { credentials, host, limits, holdDownMs, endStalledAfterMs } = this.options;
    const settings: ThreadSettings = {
      credentials: { ...credentials, process: this.process },
      host,
      port: this.#port,
      limits,
      holdDownMs,
      endStalledAfterMs,
      turns: this.#turns,
    };
    const worker = new Worker(this.options.threadUrl ?? new URL('./thread/liveness-thread.js', import.meta.url), {
      name: 'liveness',
      workerData: settings,
      execArgv: [], // the compiled thread must not resolve imports by whatever conditions this process was started with
      resourceLimits: { maxOldGenerationSizeMb: threadHeapMb },
    });
    this.#worker = worker;
    worker.on('message', (message: FromThread) => this.#said(message, listening));
    worker.on('error', (error) => {
      failed(error);
      this.options.log('error', 'the liveness thread has died', { error: String(error) });
    });
    worker.once('exit', () => this.#exited(worker));
  }

  #said(message: FromThread, listening: () => void): void {
    if (message.type === 'suspicion') this.options.onSuspicion(message.suspicion);
    else if (message.type === 'departure') this.options.onDeparture(message.departure);
    else if (message.type === 'statuses') this.#statuses = new Map(message.statuses);
    else {
      this.#port = message.port;
      this.#hasListened = true;
      this.#restartMs = firstRestartMs;
      listening();
    }
  }

  /** On the same port: its peers find it where they were told, and as long as the main port answers they do not take this process for dead. */
  #exited(worker: Worker): void {
    if (this.#worker === worker) this.#worker = undefined;
    this.#statuses = new Map(); // nobody looks now
    if (this.#stopping || !this.#hasListened) return;
    this.#restarting = setTimeout(() => {
      const again = () => this.#watched && this.#post(this.#watched);
      this.#begin(again, () => undefined);
    }, this.#restartMs);
    this.#restartMs = Math.min(maxRestartMs, this.#restartMs * 2);
  }

  #post(message: ToThread): void {
    this.#worker?.postMessage(message);
  }
}
