/** Header names on `workflow.events` (contract §5). Values are decimal text or plain text. */
export const eventHeaders = {
  epoch: 'epoch',
  expectedOffset: 'at',
  type: 'type',
  schema: 'schema',
  /** On the last record of an append: every command up to here is decided (L7). */
  commandOffset: 'commandOffset',
  /** On the last record of an append: comma-separated offsets above `commandOffset` that are decided as well. */
  decidedAbove: 'decidedAbove',
  /** On the last record of an append: LogAppendTime of the highest command that they call decided, where its owner knows it (L11). */
  commandTime: 'commandTime',
  /** On the first event that a command caused. */
  commandId: 'commandId',
  commandHash: 'commandHash',
} as const;

/** Header names on `workflow.commands` and `workflow.replies`. */
export const commandHeaders = {
  replyTopic: 'reply-topic',
  replyPartition: 'reply-partition',
  correlationId: 'correlation-id',
  traceparent: 'traceparent',
  /** Set by engines only: `home` on a command that a partition without the workflow's shard sends home, `shard` on what home sends to a shard. */
  route: 'route',
} as const;

/** Header names on `workflow.commands.rejected`. */
export const rejectedHeaders = {
  code: 'error-code',
  message: 'error-message',
  partition: 'origin-partition',
  offset: 'origin-offset',
} as const;

/** Version of the event encoding, in the `schema` header. A reader refuses a higher one. */
export const eventSchemaVersion = 1;
