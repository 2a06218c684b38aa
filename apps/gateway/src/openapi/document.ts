import { z } from 'zod';
import { commandId, executionId, signalName, workflowId } from '../http/schemas.js';
import type { Operation } from './operation.js';
import { operations } from './operations.js';

const pathSchemas: Readonly<Record<string, z.ZodType>> = {
  id: workflowId,
  eid: executionId,
  commandId,
  name: signalName,
  version: z.string().regex(/^[1-9]\d*$/),
};

const errorSchema = z.object({
  error: z.string(),
  message: z.string(),
  code: z.string(),
  workflowId: z.string().optional(),
  details: z.unknown().optional(),
  commandId: z.string().optional(),
  outcome: z.literal('unknown').optional(),
});

const errorTexts: Readonly<Record<number, string>> = {
  400: 'Invalid',
  404: 'Unknown',
  408: 'No answer in time',
  409: 'Conflict',
  413: 'Body too large',
  415: 'Not JSON',
  429: 'Over a limit; see Retry-After',
  503: 'Nobody owns the partition, or Kafka or Postgres is away',
};

/** The OpenAPI 3.1 document, made from the validators. */
export function openApiDocument(version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) paths[operation.path] = { ...paths[operation.path], [operation.method]: describe(operation) };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Millrace',
      version,
      description: 'Durable workflows on Kafka and Postgres. docs/http-api.md explains consistency, idempotency and errors.',
    },
    paths,
    components: { schemas: { Error: jsonSchema(errorSchema) } },
  };
}

function describe(operation: Operation): Record<string, unknown> {
  return {
    tags: [operation.tag],
    summary: operation.summary,
    operationId: operationId(operation),
    parameters: parametersOf(operation),
    ...(operation.body ? { requestBody: { required: operation.body.required, content: json(jsonSchema(operation.body.schema)) } } : {}),
    responses: responsesOf(operation),
  };
}

function operationId({ method, path }: Operation): string {
  const words = path
    .replace(/^\/api\/(v1\/)?/, '')
    .replace(/[{}]/g, '')
    .split(/[/-]/)
    .filter((word) => word !== '');
  return method + words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');
}

function parametersOf({ path, query, isCommand, tag }: Operation): unknown[] {
  const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
  const inPath = named.map((name) => ({ name, in: 'path', required: true, schema: jsonSchema(pathSchemas[name] ?? z.string()) }));
  const inQuery = Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    schema: jsonSchema(schema as z.ZodType),
  }));
  return [...inPath, ...inQuery, ...(isCommand ? commandHeaders(tag === 'Executions' && path.includes('/execute')) : [])];
}

function commandHeaders(mayBeAsync: boolean): unknown[] {
  const key = {
    name: 'Idempotency-Key',
    in: 'header',
    schema: { type: 'string', maxLength: 256 },
    description: 'A repeat with the same key gets the first answer',
  };
  const prefer = {
    name: 'Prefer',
    in: 'header',
    schema: { type: 'string', enum: ['respond-async'] },
    description: 'Answer once the command is durable',
  };
  return mayBeAsync ? [key, prefer] : [key];
}

function responsesOf({ answers, errors = [], path, body, tag }: Operation): Record<string, unknown> {
  const responses: Record<string, unknown> = {};
  for (const [status, description] of Object.entries(answers)) responses[status] = { description, content: json({}) };
  const usual = tag === 'Operations' ? [503] : [400, ...(path.includes('{') ? [404] : []), 408, ...(body ? [413, 415] : []), 503];
  for (const status of [...usual, ...errors].sort())
    responses[status] = { description: errorTexts[status] ?? 'Error', content: json({ $ref: '#/components/schemas/Error' }) };
  return responses;
}

function json(schema: unknown): Record<string, unknown> {
  return { 'application/json': { schema } };
}

function jsonSchema(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' });
  return rest;
}
