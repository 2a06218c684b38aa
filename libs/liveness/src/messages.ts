import { z } from 'zod';

/** Votes a message may carry; who is silent beyond that is said by others or next time. */
export const maxVotes = 64;
const text = z.string().max(300);
const votes = z.array(text).max(maxVotes);

const departure = z.object({
  id: text,
  memberId: text,
  instance: text,
  process: text,
  reason: z.enum(['gone', 'replaced', 'silent', 'stalled', 'left']),
  by: text,
});

/**
 * One JSON object a line. The listener begins with `challenge`; `hello` and `welcome` carry proofs over both nonces, so that the secret
 * itself never travels. Then the caller pings, the listener answers, and either tells of departures.
 */
const message = z.discriminatedUnion('t', [
  z.object({ t: z.literal('challenge'), v: z.number(), nonce: text }),
  z.object({ t: z.literal('hello'), cluster: text, instance: text, process: text, nonce: text, proof: text }),
  z.object({ t: z.literal('welcome'), instance: text, process: text, proof: text }),
  z.object({ t: z.literal('ping'), silent: votes }),
  z.object({ t: z.literal('pong'), memberId: text, loopAgeMs: z.number(), silent: votes }),
  z.object({ t: z.literal('departure'), departure }),
  z.object({ t: z.literal('bye') }),
]);

export type Message = z.infer<typeof message>;

export function encodeMessage(value: Message): string {
  return `${JSON.stringify(value)}\n`;
}

/** Undefined for a line that is none of ours. */
export function decodeMessage(line: string): Message | undefined {
  try {
    return message.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined; // not JSON: whoever sent it is cut off by the caller
  }
}
