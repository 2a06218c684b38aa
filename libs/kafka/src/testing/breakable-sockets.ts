import net from 'node:net';
import type { ISocketFactory } from 'kafkajs';
import { defaultSocketFactory } from '../wire/socket-factory.js';

export interface BreakableSockets {
  readonly factory: ISocketFactory;
  /** Ends every socket and refuses new ones, as a network that went away. */
  breakAll(): void;
  mend(): void;
}

/** Sockets whose network can be taken away. */
export function breakableSockets(): BreakableSockets {
  const open = new Set<net.Socket>();
  let broken = false;
  return {
    factory: (options) => {
      const socket = broken ? net.connect({ host: '127.0.0.1', port: 1 }) : defaultSocketFactory(options);
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      return socket;
    },
    breakAll: () => {
      broken = true;
      for (const socket of open) socket.destroy(new Error('the network went away'));
    },
    mend: () => {
      broken = false;
    },
  };
}
