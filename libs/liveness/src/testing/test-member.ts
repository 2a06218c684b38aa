import { createServer, type Server } from 'node:net';
import type { Departure, Peer, PeerStatus, Suspicion } from '../peer.js';
import { Mesh } from '../thread/mesh.js';
import type { FromThread } from '../thread-messages.js';

export const endStalledAfterMs = 500;
export const limits = { pingIntervalMs: 20, missedPings: 5, stallAfterMs: 300 };

/** A member of a group as far as liveness goes: the mesh of its thread, here without the thread, and its main port. */
export class TestMember {
  readonly suspicions: Suspicion[] = [];
  readonly departures: Departure[] = [];
  statuses = new Map<string, PeerStatus>();
  /** How old the main loop's last turn was when its process would have ended. */
  readonly deadLoops: number[] = [];
  memberId: string;
  #port = 0;
  #turning: NodeJS.Timeout | undefined;
  #mesh: Mesh;
  readonly #main: Server = createServer((socket) => socket.on('error', () => socket.destroy()));
  readonly #turns = new SharedArrayBuffer(4);

  private constructor(
    readonly instance: string,
    port: number,
    private readonly secret: string | undefined,
  ) {
    this.#port = port;
    this.memberId = `${instance}-1`;
    this.#mesh = this.#createMesh();
  }

  static start(instance: string, secret?: string): Promise<TestMember> {
    return TestMember.startAt(0, instance, secret);
  }

  /** Its liveness port is this one. */
  static async startAt(port: number, instance: string, secret?: string): Promise<TestMember> {
    const member = new TestMember(instance, port, secret);
    await new Promise<void>((resolve) => member.#main.listen(0, '127.0.0.1', resolve));
    member.turn();
    await member.#mesh.start();
    return member;
  }

  get process(): string {
    return `process-of-${this.instance}`;
  }

  get port(): number {
    return this.#port;
  }

  peer(livenessAddress = `127.0.0.1:${this.#port}`): Peer {
    const bound = this.#main.address();
    const port = bound !== null && typeof bound === 'object' ? bound.port : 0;
    const { memberId, instance, process } = this;
    return { memberId, instance, address: `127.0.0.1:${port}`, liveness: { address: livenessAddress, process } };
  }

  watch(...peers: readonly Peer[]): void {
    this.#mesh.watch(this.memberId, peers);
  }

  spread(departure: Departure): void {
    this.#mesh.spread(departure);
  }

  /** The main loop turns, as it should. */
  turn(): void {
    const turns = new Int32Array(this.#turns);
    this.#turning = setInterval(() => Atomics.add(turns, 0, 1), limits.pingIntervalMs);
  }

  stall(): void {
    clearInterval(this.#turning);
  }

  /** The thread dies alone. */
  killThread(): void {
    this.#mesh.stop('abrupt');
  }

  async restartThread(): Promise<void> {
    this.#mesh = this.#createMesh();
    await this.#mesh.start();
  }

  /** As a killed process leaves it: every socket closed, nothing said. */
  die(): void {
    this.stall();
    this.#mesh.stop('abrupt');
    this.#main.close();
  }

  leave(): void {
    this.stall();
    this.#mesh.stop();
    this.#main.close();
  }

  #createMesh(): Mesh {
    const credentials = {
      cluster: 'test',
      instance: this.instance,
      process: this.process,
      ...(this.secret === undefined ? {} : { secret: this.secret }),
    };
    const place = { host: '127.0.0.1', port: this.#port };
    const settings = { credentials, ...place, limits, holdDownMs: 5_000, endStalledAfterMs, turns: this.#turns };
    const told = (message: FromThread) => {
      if (message.type === 'listening') this.#port = message.port;
      else if (message.type === 'suspicion') this.suspicions.push(message.suspicion);
      else if (message.type === 'departure') this.departures.push(message.departure);
      else this.statuses = new Map(message.statuses);
    };
    return new Mesh(settings, told, (loopAgeMs) => this.deadLoops.push(loopAgeMs));
  }
}
