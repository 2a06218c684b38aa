import { ClientTCP } from '@nestjs/microservices';
import { firstValueFrom, timeout } from 'rxjs';
import { CorkedJsonSocket } from '#engine-port';
import type { EnginePattern } from '#protocol';
import { TransientError } from '#runtime';
import type { OwnerChannel } from '../ports/owner-channel.js';

/** One multiplexed Nest TCP connection per engine. A connection that failed is dropped; the next request opens another. */
export class TcpOwnerChannel implements OwnerChannel {
  readonly #clients = new Map<string, ClientTCP>();

  /** `maxClients`: connections kept; beyond it the one opened first is closed. */
  constructor(private readonly maxClients = 256) {}

  async request(address: string, pattern: EnginePattern, data: unknown, timeoutMs: number): Promise<unknown> {
    const client = this.#clientOf(address);
    try {
      return await firstValueFrom(client.send<unknown, unknown>(pattern, data).pipe(timeout(timeoutMs)), { defaultValue: undefined });
    } catch (error) {
      if (isConnectionTrouble(error)) this.#drop(address, client);
      throw new TransientError(describe(error, timeoutMs), { cause: error });
    }
  }

  close(): void {
    for (const [address, client] of this.#clients) this.#drop(address, client);
  }

  #clientOf(address: string): ClientTCP {
    const known = this.#clients.get(address);
    if (known) return known;
    const colon = address.lastIndexOf(':');
    const client = new ClientTCP({
      host: address.slice(0, colon).replace(/^\[|\]$/g, ''),
      port: Number(address.slice(colon + 1)),
      socketClass: CorkedJsonSocket,
    });
    this.#clients.set(address, client);
    for (const [oldest, old] of this.#clients) {
      if (this.#clients.size <= this.maxClients) break;
      this.#drop(oldest, old);
    }
    return client;
  }

  #drop(address: string, client: ClientTCP): void {
    if (this.#clients.get(address) === client) this.#clients.delete(address);
    client.close();
  }
}

/** A time-out of one answer says nothing about the connection: other requests on it may be served. Errors answered by the engine are plain objects. */
function isConnectionTrouble(error: unknown): boolean {
  return error instanceof Error && error.name !== 'TimeoutError';
}

function describe(error: unknown, timeoutMs: number): string {
  if (error instanceof Error) return error.name === 'TimeoutError' ? `no answer within ${Math.round(timeoutMs)} ms` : error.message;
  const message = (error as { message?: unknown } | null)?.message;
  return typeof message === 'string' ? message : JSON.stringify(error);
}
