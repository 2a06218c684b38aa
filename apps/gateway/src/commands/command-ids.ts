import { createHash, randomBytes } from 'node:crypto';
import { mintCommandId } from '#protocol';

const processPart = randomBytes(6).toString('base64url');
let minted = 0;

/** A command id for a request without `Idempotency-Key`: it carries its time of birth, so that any gateway can tell a young one. */
export function newCommandId(now: number): string {
  minted += 1;
  return mintCommandId(now, `${processPart}.${minted.toString(36)}`);
}

/** The command id behind an `Idempotency-Key`: the same key for the same operation of the same workflow is the same command. */
export function commandIdOfKey(operation: string, workflowId: string, key: string): string {
  return `k${digest(operation, workflowId, key).toString('base64url').slice(0, 32)}`;
}

/** The id of a workflow that came without one. With a key it derives from it, so that a repeat names the same workflow. */
export function newWorkflowId(key: string | undefined): string {
  const bytes = key === undefined ? randomBytes(8) : digest('workflowId', key).subarray(0, 8);
  return `wf-${bytes.toString('hex')}`;
}

function digest(...parts: readonly string[]): Buffer {
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}
