import { connect, type Socket } from 'node:net';

/** Opens a connection to `host:port`; nothing is awaited. */
export function dial(address: string): Socket {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  return connect({ host, port: Number(address.slice(colon + 1)) });
}

/** Whether the host is there and says that nobody listens. Silence and any other trouble are no refusal. Never rejects. */
export function isRefused(address: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = dial(address);
    const timer = setTimeout(() => over(false), timeoutMs);
    const over = (refused: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(refused);
    };
    socket.once('connect', () => over(false));
    socket.once('error', (error: NodeJS.ErrnoException) => over(error.code === 'ECONNREFUSED'));
  });
}
