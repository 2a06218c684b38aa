import { Caller } from './caller.js';
import { isRefused } from './dial.js';
import type { Credentials } from './handshake.js';
import type { Peer } from './peer.js';

/** What a process's ports say of it. `silent`: nothing within the time. */
export type ProbeAnswer = 'alive' | 'replaced' | 'gone' | 'silent';

/** Asks once whether a process still lives. Never rejects. */
export function probe(peer: Peer, self: Credentials, timeoutMs: number): Promise<ProbeAnswer> {
  return new Promise((resolve) => {
    let answer: ProbeAnswer = 'silent';
    const caller = new Caller(
      peer.liveness.address,
      self,
      {
        welcomed: ({ process }) => {
          answer = process === peer.liveness.process ? 'alive' : 'replaced';
          caller.cut();
        },
        said: () => undefined,
        closed: (how) => {
          if (how === 'refused') void isRefused(peer.address, timeoutMs).then((refused) => resolve(refused ? 'gone' : 'silent'));
          else resolve(answer);
        },
      },
      timeoutMs,
    );
  });
}
