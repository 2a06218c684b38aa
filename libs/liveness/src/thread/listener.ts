import { createServer, type Server, type Socket } from 'node:net';
import { type Credentials, handshakeVersion, isTrustedHello, newNonce, welcomeTo } from '../handshake.js';
import { LineSocket } from '../line-socket.js';
import type { Message } from '../messages.js';
import type { Departure } from '../peer.js';

const handshakeMs = 2_000;
/** Connections without a handshake yet: the oldest gives way, so that whoever floods the port locks nobody out. */
const maxStrangers = 64;
const maxCallers = 512;

export interface ListenerEvents {
  /** A caller that has not pinged for so long is gone, or half-open. */
  readonly idleMs: number;
  /** What this process answers to a ping now. */
  answer(): Extract<Message, { t: 'pong' }>;
  voted(instance: string, silent: readonly string[]): void;
  departure(departure: Departure): void;
  failed(error: Error): void;
}

/** The liveness port: proves who this process is, and answers the pings of those who proved who they are. */
export class Listener {
  readonly #server: Server;
  readonly #strangers = new Set<Incoming>();
  readonly #callers = new Set<Incoming>();

  constructor(
    private readonly credentials: Credentials,
    private readonly events: ListenerEvents,
  ) {
    this.#server = createServer((socket) => this.#accept(socket));
    this.#server.on('error', (error) => events.failed(error));
  }

  /** Resolves with the port. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve) => {
      this.#server.listen(port, host, () => {
        const bound = this.#server.address();
        resolve(bound !== null && typeof bound === 'object' ? bound.port : port);
      });
    });
  }

  send(message: Message): void {
    for (const caller of this.#callers) caller.line.send(message);
  }

  /** `goodbye`: what was sent goes out first. */
  close(how: 'goodbye' | 'abrupt'): void {
    this.#server.close();
    for (const stranger of this.#strangers) stranger.line.cut();
    for (const { line } of this.#callers)
      if (how === 'goodbye') line.end();
      else line.cut();
  }

  #accept(socket: Socket): void {
    if (this.#callers.size >= maxCallers) {
      socket.destroy();
      return;
    }
    const incoming = new Incoming(socket, this.credentials, {
      ...this.events,
      trusted: () => {
        this.#strangers.delete(incoming);
        this.#callers.add(incoming);
      },
      closed: () => {
        this.#strangers.delete(incoming);
        this.#callers.delete(incoming);
      },
    });
    this.#strangers.add(incoming);
    const [oldest] = this.#strangers;
    if (this.#strangers.size > maxStrangers) oldest?.line.cut('TOO_MANY');
  }
}

interface IncomingEvents extends ListenerEvents {
  trusted(): void;
  closed(): void;
}

/** One connection to this process. */
class Incoming {
  readonly line: LineSocket;
  readonly #challenge = newNonce();
  #timer: NodeJS.Timeout;
  #instance: string | undefined;

  constructor(
    socket: Socket,
    private readonly credentials: Credentials,
    private readonly events: IncomingEvents,
  ) {
    this.line = new LineSocket(socket, {
      said: (message) => this.#said(message),
      closed: () => {
        clearTimeout(this.#timer);
        events.closed();
      },
    });
    this.#timer = this.#cutAfter(handshakeMs);
    this.line.send({ t: 'challenge', v: handshakeVersion, nonce: this.#challenge });
  }

  #said(message: Message): void {
    if (this.#instance === undefined) this.#greet(message);
    else if (message.t === 'ping') this.#pinged(this.#instance, message.silent);
    else if (message.t === 'departure') this.events.departure(message.departure);
    else if (message.t !== 'bye') this.line.cut('NOT_OURS');
  }

  #greet(message: Message): void {
    if (message.t !== 'hello' || !isTrustedHello(message, this.#challenge, this.credentials)) {
      this.line.cut('NOT_OURS');
      return;
    }
    this.#instance = message.instance;
    this.events.trusted();
    this.line.send(welcomeTo(this.#challenge, message.nonce, this.credentials));
    this.#awaitPing();
  }

  #pinged(instance: string, silent: readonly string[]): void {
    this.#awaitPing();
    this.line.send(this.events.answer());
    this.events.voted(instance, silent);
  }

  #awaitPing(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#cutAfter(this.events.idleMs);
  }

  #cutAfter(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.line.cut('TIMEOUT'), ms);
  }
}
