import type { Socket } from 'node:net';
import { decodeMessage, encodeMessage, type Message } from './messages.js';

const maxLineBytes = 32 * 1024;
/** A peer that does not read what it is sent is cut off. */
const maxUnsentBytes = 64 * 1024;

export interface LineListener {
  said(message: Message): void;
  /** Once, when the connection is over; with the system's code where it failed. */
  closed(code: string | undefined): void;
}

/** Messages over a socket: one a line, bounded both ways. Whatever is not a message ends the connection. */
export class LineSocket {
  #rest = '';
  #code: string | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly listener: LineListener,
  ) {
    socket.setNoDelay(true);
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => this.#take(chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#code = error.code ?? 'UNKNOWN';
    });
    socket.once('close', () => listener.closed(this.#code));
  }

  send(message: Message): void {
    if (this.socket.destroyed || !this.socket.writable) return;
    if (this.socket.writableLength > maxUnsentBytes) this.cut('UNREAD');
    else this.socket.write(encodeMessage(message));
  }

  cut(code = 'CUT'): void {
    this.#code ??= code;
    this.socket.destroy();
  }

  /** Ends after what was sent has gone out. */
  end(): void {
    this.socket.end();
  }

  #take(chunk: string): void {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const message = line.length <= maxLineBytes ? decodeMessage(line) : undefined;
      if (!message) this.cut('NOT_OURS');
      if (!message || this.socket.destroyed) return;
      this.listener.said(message);
    }
    if (this.#rest.length > maxLineBytes) this.cut('LINE_TOO_LONG');
  }
}
