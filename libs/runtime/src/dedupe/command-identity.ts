import { createHash } from 'node:crypto';
import type { JsonObject } from '#core';

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** Tells two bodies under one `commandId` apart: SHA-256 over type, workflow and data, 128 bits as base64url. */
export function commandHash(type: string, workflowId: string, data: JsonObject): string {
  return createHash('sha256')
    .update(JSON.stringify([type, workflowId, data]))
    .digest('base64url')
    .slice(0, 22);
}

/** The id of an execution whose starter named none: the same for every repeat of the command. `x` and 26 characters of base32 over SHA-256. */
export function derivedExecutionId(workflowId: string, commandId: string): string {
  const digest = createHash('sha256').update(`${workflowId}/${commandId}`).digest();
  let id = 'x';
  let bits = 0;
  let value = 0;
  for (const byte of digest.subarray(0, 17)) {
    value = ((value << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 5 && id.length < 27) {
      bits -= 5;
      id += alphabet[(value >> bits) & 31];
    }
  }
  return id;
}
