import net from 'node:net';

/** How a link behaves: as if it were not there; nothing gets through and nothing is lost; refused; late by so many milliseconds. */
export type LinkState = 'open' | 'silent' | 'shut' | { readonly lateMs: number };

/** A TCP proxy on loopback that knows nothing of what it carries: it cuts, holds or delays. */
export class LinkProxy {
  readonly #server: net.Server;
  readonly #pairs = new Set<Pair>();
  #state: LinkState = 'open';

  private constructor(private readonly targetPort: number) {
    this.#server = net.createServer((client) => this.#connect(client));
  }

  static async start(targetPort: number): Promise<LinkProxy> {
    const proxy = new LinkProxy(targetPort);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Changes how it behaves from now on; what was held goes on its way when the link is no longer silent. */
  set(state: LinkState): void {
    this.#state = state;
    if (state === 'shut') this.cut();
    for (const pair of this.#pairs) pair.obey(state);
  }

  /** Ends every connection there is; new ones follow the present state. */
  cut(): void {
    for (const pair of [...this.#pairs]) pair.cut();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #connect(client: net.Socket): void {
    if (this.#state === 'shut') {
      client.destroy();
      return;
    }
    const pair = new Pair(client, net.connect(this.targetPort, '127.0.0.1'));
    this.#pairs.add(pair);
    pair.onEnd(() => this.#pairs.delete(pair));
    pair.obey(this.#state);
  }
}

class Pair {
  #lateMs = 0;

  constructor(
    private readonly client: net.Socket,
    private readonly server: net.Socket,
  ) {
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.setNoDelay(true);
      from.on('data', (chunk: Buffer) => this.#pass(chunk, from, to));
      from.on('error', () => this.cut());
      from.on('close', () => this.cut());
    }
  }

  onEnd(listener: () => void): void {
    this.client.on('close', listener);
  }

  obey(state: LinkState): void {
    this.#lateMs = typeof state === 'object' ? state.lateMs : 0;
    for (const socket of [this.client, this.server]) {
      if (state === 'silent') socket.pause();
      else socket.resume();
    }
  }

  cut(): void {
    this.client.destroy();
    this.server.destroy();
  }

  /** Late chunks keep their order: timers of one length fire in the order in which they were set, and a shorter one waits its turn. */
  #pass(chunk: Buffer, from: net.Socket, to: net.Socket): void {
    if (this.#lateMs === 0 && !this.#queued.get(to)) {
      this.#write(chunk, from, to);
      return;
    }
    this.#queued.set(to, (this.#queued.get(to) ?? 0) + 1);
    const due = Math.max(Date.now() + this.#lateMs, this.#lastDue.get(to) ?? 0);
    this.#lastDue.set(to, due);
    const send = () => {
      this.#queued.set(to, (this.#queued.get(to) ?? 1) - 1);
      this.#write(chunk, from, to);
    };
    setTimeout(send, Math.max(0, due - Date.now()));
  }

  readonly #queued = new Map<net.Socket, number>();
  readonly #lastDue = new Map<net.Socket, number>();

  /** Reads no faster than the other side takes it. */
  #write(chunk: Buffer, from: net.Socket, to: net.Socket): void {
    if (to.destroyed || to.write(chunk)) return;
    from.pause();
    to.once('drain', () => from.resume());
  }
}
