import { createHash } from 'node:crypto';

/** The command id behind an Idempotency-Key, worked out by itself from what the API says: one key, operation and workflow, one command. */
export function commandIdOf(commandType: string, workflowId: string, key: string): string {
  const digest = createHash('sha256').update(JSON.stringify([commandType, workflowId, key]));
  return `k${digest.digest('base64url').slice(0, 32)}`;
}
