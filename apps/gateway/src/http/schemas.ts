import { z } from 'zod';
import { clusterEventKinds } from '#projection';
import { acceptableHalts, idPattern } from '#protocol';

const longestWaitMs = 300_000;
const unitMs = { ms: 1, s: 1_000, m: 60_000 } as const;

export const workflowId = z
  .string()
  .regex(idPattern, 'must be 1–128 of A-Za-z0-9._:- and begin with a letter or digit')
  .meta({ description: 'Id of a workflow' });
export const executionId = workflowId.meta({ description: 'Id of an execution' });
export const commandId = z.string().min(1).max(256);

/** Duration text to milliseconds, at most five minutes. */
export const wait = z
  .string()
  .regex(/^\d{1,6}(ms|s|m)$/, 'must be a whole number with ms, s or m, for example 30s')
  .meta({ description: 'How long to wait for the end of the execution, at most 5m', examples: ['30s'] });

/** Milliseconds of a `wait` that its schema accepted; undefined when it is over the limit. */
export function waitMs(text: string): number | undefined {
  const unit = (/[a-z]+$/.exec(text)?.[0] ?? 'ms') as keyof typeof unitMs;
  const ms = Number.parseInt(text, 10) * unitMs[unit];
  return ms <= longestWaitMs ? ms : undefined;
}

const limit = z
  .string()
  .regex(/^\d{1,4}$/, 'must be a whole number from 1 to 1000')
  .refine((text) => Number(text) >= 1 && Number(text) <= 1_000, 'must be a whole number from 1 to 1000')
  .meta({ description: 'Rows of one page, 1 to 1000; 100 when left out' });
const cursor = z.string().min(1).max(1_024).meta({ description: 'From X-Next-Cursor of the page before' });
const page = { limit: limit.optional(), cursor: cursor.optional() };
const yesNo = z.enum(['true', 'false']);

export const workflowState = z.enum(['draft', 'idle', 'running', 'completed', 'failed']);
export const executionStatus = z.enum([
  'queued',
  'running',
  'waiting',
  'paused',
  'cancelling',
  'completed',
  'failed',
  'cancelled',
  'timed_out',
]);

export const shardId = z
  .string()
  .regex(/^\d{1,6}$/, 'must be the number of a shard')
  .meta({ description: 'Number of a shard, from 0' });

/** Query strings, by use. Unknown parameters are refused: a misspelt one must not pass in silence. */
export const queries = {
  none: z.strictObject({}),
  write: z.strictObject({ validate: z.enum(['strict', 'draft']).optional() }),
  remove: z.strictObject({ force: yesNo.optional(), drain: yesNo.optional() }),
  workflows: z.strictObject({
    ...page,
    tag: z.string().max(256).optional(),
    state: workflowState.optional(),
    q: z.string().max(256).optional(),
    fields: z.enum(['summary']).optional(),
  }),
  execute: z.strictObject({ wait: wait.optional() }),
  result: z.strictObject({ wait: wait.optional() }),
  executions: z.strictObject({ ...page, status: executionStatus.optional() }),
  allExecutions: z.strictObject({ ...page, status: executionStatus.optional(), workflowId: workflowId.optional() }),
  events: z.strictObject({
    limit: limit.optional(),
    after: z
      .string()
      .regex(/^\d{1,15}$/, 'must be a sequence number')
      .optional()
      .meta({ description: 'Only events with a higher seq' }),
  }),
  timeline: z.strictObject({ executionId: executionId.optional() }),
  location: z.strictObject({ executionId: executionId.optional() }),
  clusterEvents: z.strictObject({
    ...page,
    kind: z.enum(clusterEventKinds).optional(),
    shardId: shardId.optional(),
  }),
} as const;

const text = z.string().max(10_000).nullish();

/** A definition as far as the gateway insists; everything else is a problem that makes a draft. Unknown fields are kept. */
export const definition = z
  .looseObject({
    id: workflowId.optional(),
    name: z.string().max(1_000).optional(),
    description: text,
    version: z.union([z.string(), z.number()]).nullish(),
    author: text,
    tags: z.array(z.string().max(256)).max(1_000).nullish(),
    nodes: z.array(z.looseObject({})).max(10_000).optional(),
    edges: z.array(z.looseObject({})).max(10_000).optional(),
    metadata: z.looseObject({}).nullish(),
  })
  .meta({ description: 'A workflow definition (contract §4). All but nodes and edges may be left out; unknown fields are kept.' });

export const executeBody = z
  .object({
    input: z.json().optional().meta({ description: 'Any JSON; the input of the first nodes' }),
    executionId: executionId.optional(),
    version: z.number().int().positive().optional(),
  })
  .meta({ description: 'All fields may be left out, and the body too' });

export const signalPayload = z
  .unknown()
  .meta({ description: 'The payload: any JSON. An object whose only key is `payload` is unwrapped.' });
export const signalName = z.string().min(1).max(256);

export const acceptBody = z
  .strictObject({
    code: z.enum(acceptableHalts).meta({ description: 'The halt that is accepted, as `cluster/shards` names it' }),
    from: z
      .union([z.enum(['earliest', 'latest']), z.number().int().nonnegative()])
      .meta({ description: 'The first command to be decided: an offset of the commands partition, or one of its ends as it is then' }),
  })
  .meta({ description: 'What is accepted. Both fields are needed: see docs/operations.md for what each choice loses or repeats.' });

/** `Idempotency-Key`. */
export const idempotencyKey = z.string().min(1).max(256);
