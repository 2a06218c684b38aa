import type { Json, JsonObject } from '#core';

/** What `workflow.replies` carries (contract §5), with the command's correlation id as a header. */
export type Reply = {
  readonly commandId: string;
  readonly workflowId: string;
  /** The workflow's executions are spread: the next command about one goes best to the partition of its own id. */
  readonly sharding?: 'execution';
} & (
  | { readonly ok: true; readonly result: JsonObject }
  | { readonly ok: false; readonly error: { readonly code: string; readonly message: string; readonly details?: Json } }
);

/** Where a reply goes: from the headers of the command. */
export interface ReplyAddress {
  readonly topic: string;
  readonly partition?: number;
  readonly correlationId?: string;
}
