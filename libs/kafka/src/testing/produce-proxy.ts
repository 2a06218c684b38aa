import net from 'node:net';
import type { ISocketFactory } from 'kafkajs';
import { type IsLost, withoutLost } from './produce-frames.js';

/** What happens to the next produce request on its way. */
export const produceFaults = [
  'cutBeforeRequest',
  'cutMidRequest',
  'cutAfterRequest',
  'cutBeforeAnswer',
  'cutMidAnswer',
  'swallowAnswer',
  'swallowRequest',
  'delayRequest',
] as const;
export type ProduceFault = (typeof produceFaults)[number];

const produceApi = 0;

/** A TCP proxy in front of a broker that understands just enough of the protocol to hurt one produce request at a chosen stage. */
export class ProduceProxy {
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();
  readonly #held: (() => void)[] = [];
  #fault: ProduceFault | undefined;
  #isLost: IsLost | undefined;
  /** Produce requests that came in whole. */
  produceRequests = 0;

  private constructor(private readonly target: { readonly host: string; readonly port: number }) {
    this.#server = net.createServer((client) => this.#connect(client));
  }

  /** Listens on `port` of loopback; 0 = any free one. */
  static async start(brokers: string, listenOn = 0): Promise<ProduceProxy> {
    const [host = '', port = ''] = brokers.split(':');
    const proxy = new ProduceProxy({ host, port: Number(port) });
    await new Promise<void>((resolve) => proxy.#server.listen(listenOn, '127.0.0.1', resolve));
    return proxy;
  }

  /** Leads every connection through the proxy, whatever address the broker advertises. */
  get factory(): ISocketFactory {
    return ({ onConnect }) => net.connect({ host: '127.0.0.1', port: this.#port }, onConnect);
  }

  /** Hurts the next produce request, once. */
  arm(fault: ProduceFault): void {
    this.#fault = fault;
  }

  /** From now on produce requests lose the records of these partitions, and reach the broker with the rest; undefined: none. */
  lose(isLost: IsLost | undefined): void {
    this.#isLost = isLost;
  }

  /** Lets delayed requests go on to the broker. */
  release(): void {
    for (const send of this.#held.splice(0)) send();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get #port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  #connect(client: net.Socket): void {
    const broker = net.connect(this.target);
    const link = new Link(client, broker);
    for (const socket of [client, broker]) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.#sockets.delete(socket));
    }
    client.on('close', () => link.held || broker.destroy());
    broker.on('close', () => client.destroy());
    onFrames(client, (frame) => this.#request(link, frame));
    onFrames(broker, (frame) => link.answer(frame));
  }

  #request(link: Link, frame: Buffer): void {
    const fault = frame.readInt16BE(4) === produceApi ? this.#take() : undefined;
    switch (fault) {
      case 'cutBeforeRequest':
        link.cut();
        return;
      case 'cutMidRequest':
        link.broker.write(frame.subarray(0, frame.length / 2));
        link.cut();
        return;
      case 'cutAfterRequest':
        link.held = true;
        link.broker.write(frame);
        link.client.destroy();
        return;
      case 'swallowRequest':
        return;
      case 'delayRequest':
        link.held = true;
        this.#held.push(() => link.broker.write(frame));
        return;
      default:
        link.fault = fault;
        this.#pass(link, frame);
    }
  }

  #pass(link: Link, frame: Buffer): void {
    if (this.#isLost === undefined || frame.readInt16BE(4) !== produceApi) {
      link.broker.write(frame);
      return;
    }
    const left = withoutLost(frame, this.#isLost);
    if ('request' in left) link.broker.write(left.request);
    else link.client.write(left.answer);
  }

  #take(): ProduceFault | undefined {
    this.produceRequests += 1;
    const fault = this.#fault;
    this.#fault = undefined;
    return fault;
  }
}

class Link {
  /** What is to happen to the next answer. */
  fault: ProduceFault | undefined;
  /** The broker's side outlives the client's: its request is on its way. */
  held = false;

  constructor(
    readonly client: net.Socket,
    readonly broker: net.Socket,
  ) {}

  cut(): void {
    this.client.destroy();
    this.broker.destroy();
  }

  answer(frame: Buffer): void {
    const { fault } = this;
    this.fault = undefined;
    if (fault === 'swallowAnswer') return;
    if (fault === 'cutBeforeAnswer') this.cut();
    else if (fault === 'cutMidAnswer') this.client.write(frame.subarray(0, frame.length / 2), () => this.cut());
    else if (!this.client.destroyed) this.client.write(frame);
  }
}

/** Calls back with each whole length-prefixed frame. */
function onFrames(socket: net.Socket, callback: (frame: Buffer) => void): void {
  let buffered: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk]);
    while (buffered.length >= 4 && buffered.length >= 4 + buffered.readInt32BE(0)) {
      const end = 4 + buffered.readInt32BE(0);
      callback(buffered.subarray(0, end));
      buffered = buffered.subarray(end);
    }
  });
}
