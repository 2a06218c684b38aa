import { dial } from './dial.js';
import { type Credentials, helloTo, isTrustedWelcome, newNonce } from './handshake.js';
import { LineSocket } from './line-socket.js';
import type { Message } from './messages.js';

export interface CallerListener {
  /** The other side has proved that it belongs to this cluster. */
  welcomed(who: { readonly instance: string; readonly process: string }): void;
  said(message: Message): void;
  /** Once. `refused`: the host is there and nobody listens. */
  closed(how: 'refused' | 'other'): void;
}

/** A connection to another engine's liveness port, from dialling through the handshake until it closes. */
export class Caller {
  readonly #line: LineSocket;
  readonly #timer: NodeJS.Timeout;
  readonly #nonce = newNonce();
  #challenge: string | undefined;
  #isWelcome = false;

  constructor(
    address: string,
    private readonly credentials: Credentials,
    private readonly listener: CallerListener,
    handshakeMs = 1_000,
  ) {
    this.#line = new LineSocket(dial(address), {
      said: (message) => this.#said(message),
      closed: (code) => {
        clearTimeout(this.#timer);
        listener.closed(code === 'ECONNREFUSED' ? 'refused' : 'other');
      },
    });
    this.#timer = setTimeout(() => this.#line.cut('HANDSHAKE_TIMEOUT'), handshakeMs);
  }

  get isWelcome(): boolean {
    return this.#isWelcome;
  }

  send(message: Message): void {
    if (this.#isWelcome) this.#line.send(message);
  }

  cut(): void {
    this.#line.cut();
  }

  end(): void {
    this.#line.end();
  }

  #said(message: Message): void {
    if (this.#isWelcome) this.listener.said(message);
    else if (message.t === 'challenge' && this.#challenge === undefined) this.#answerTo(message.nonce);
    else if (message.t === 'welcome' && this.#isTrusted(message)) this.#welcome(message);
    else this.#line.cut('NOT_OURS');
  }

  #answerTo(challenge: string): void {
    this.#challenge = challenge;
    this.#line.send(helloTo(challenge, this.#nonce, this.credentials));
  }

  #isTrusted(welcome: Extract<Message, { t: 'welcome' }>): boolean {
    return this.#challenge !== undefined && isTrustedWelcome(welcome, { challenge: this.#challenge, nonce: this.#nonce }, this.credentials);
  }

  #welcome({ instance, process }: { instance: string; process: string }): void {
    clearTimeout(this.#timer);
    this.#isWelcome = true;
    this.listener.welcomed({ instance, process });
  }
}
