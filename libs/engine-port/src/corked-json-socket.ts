import type { Socket } from 'node:net';
import { JsonSocket } from '@nestjs/microservices';

/** Larger than any view an owner sends. Nest counts characters. */
const maxBufferSize = 64 * 1024 * 1024;

/**
 * Nest's framing for the engine port, on both of its ends: messages sent in one turn of the event loop leave in one write. Under load an
 * owner answers dozens of waiting callers at once, and a write to a socket costs more than what is in it.
 */
export class CorkedJsonSocket extends JsonSocket {
  #corked = false;

  constructor(socket: Socket) {
    super(socket, { maxBufferSize });
    socket.setNoDelay(true); // with Nagle, the second of two messages waits for the other end's delayed ACK: 40 ms
  }

  override handleSend(message: unknown, callback?: (error?: unknown) => void): void {
    if (!this.#corked) this.#cork();
    super.handleSend(message, callback);
  }

  #cork(): void {
    this.#corked = true;
    this.netSocket.cork();
    setImmediate(() => {
      this.#corked = false;
      this.netSocket.uncork();
    });
  }
}
