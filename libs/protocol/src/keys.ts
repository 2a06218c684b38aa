/** Key of a fact (L13): `workflowId/executionId|-|@partition/seq@epoch`. Unique, so compaction removes only what was purged. */
export function eventKey(workflowId: string, executionId: string | undefined, seq: number, epoch: string): string {
  return `${workflowId}/${executionId ?? '-'}/${seq}@${epoch}`;
}

/** In the place of an execution's id: the facts of a workflow's shard on a partition. Ids begin with a letter or digit, so `@` cannot clash. */
export function shardName(partition: number): string {
  return `@${partition}`;
}

/** Whether a key speaks of a shard rather than of an execution. */
export function isShardName(executionId: string | undefined): boolean {
  return executionId?.startsWith('@') === true;
}

/** What an event's key says, or undefined for another kind of key. */
export function parseEventKey(
  key: string,
): { readonly workflowId: string; readonly executionId?: string; readonly seq: number } | undefined {
  const match = /^([^/!]+)\/([^/]+)\/(\d+)@/.exec(key);
  if (!match) return undefined;
  const [, workflowId = '', executionId = '-', seq = ''] = match;
  return { workflowId, ...(executionId === '-' ? {} : { executionId }), seq: Number(seq) };
}

/** Key of a record that belongs to the partition, not to an entity: ids begin with a letter or digit, so `!` cannot clash. */
export function partitionKey(type: 'fence' | 'decided' | 'accepted', unique: string): string {
  return `!${type}/${unique}`;
}

/** Names an entity inside its partition: `workflowId` or `workflowId/executionId` (ids hold no slash). */
export function entityKey(workflowId: string, executionId?: string): string {
  return executionId === undefined ? workflowId : `${workflowId}/${executionId}`;
}

/** The inverse of `entityKey`. */
export function parseEntityKey(key: string): { readonly workflowId: string; readonly executionId?: string } {
  const slash = key.indexOf('/');
  return slash < 0 ? { workflowId: key } : { workflowId: key.slice(0, slash), executionId: key.slice(slash + 1) };
}

/** Contract §4: 1–128 of `A-Za-z0-9._:-`, beginning with a letter or digit. */
export const idPattern = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

/** An execution id that was derived from the `commandId` of its start: nobody may choose one of this form. */
export const derivedIdPattern = /^x[a-z2-7]{26}$/;
