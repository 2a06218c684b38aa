import { z } from 'zod';
import { isNestedDeeper, maxJsonDepth } from './json-depth.js';
import { derivedIdPattern, idPattern } from './keys.js';

const id = z.string().regex(idPattern, 'must be 1–128 of A-Za-z0-9._:- and begin with a letter or digit');
const commandId = z.string().min(1).max(256);
const base = {
  commandId,
  workflowId: id,
  issuedAt: z.number().int().nonnegative().optional(),
  expiresAt: z.number().int().nonnegative().optional(),
  actor: z.string().max(256).optional(),
  reason: z.string().max(4096).optional(),
};
const definition = z.looseObject({});
const revision = z.number().int().positive();

/** The schema of every command on `workflow.commands` (contract §5); JSON Schemas are generated from it. `PlaceShard` and `CloseShard` are the engines' own. */
export const commandSchemas = {
  CreateWorkflow: z.object({ ...base, type: z.literal('CreateWorkflow'), data: z.object({ definition, strict: z.boolean().optional() }) }),
  UpdateWorkflow: z.object({ ...base, type: z.literal('UpdateWorkflow'), data: z.object({ definition, strict: z.boolean().optional() }) }),
  DeleteWorkflow: z.object({
    ...base,
    type: z.literal('DeleteWorkflow'),
    /** Not of its body: a repeat is the same command, whatever runs by then. */
    runningElsewhere: z.number().int().nonnegative().optional(),
    data: z.object({ force: z.boolean().optional(), drain: z.boolean().optional() }).default({}),
  }),
  ExecuteWorkflow: z.object({
    ...base,
    type: z.literal('ExecuteWorkflow'),
    data: z.object({ executionId: id.optional(), input: z.json().optional(), version: z.number().int().positive().optional() }).default({}),
  }),
  CancelExecution: z.object({ ...base, type: z.literal('CancelExecution'), data: z.object({ executionId: id }) }),
  SignalExecution: z.object({
    ...base,
    type: z.literal('SignalExecution'),
    data: z.object({ executionId: id, name: z.string().min(1).max(256), payload: z.json().optional() }),
  }),
  ReleaseQuarantine: z.object({
    ...base,
    type: z.literal('ReleaseQuarantine'),
    data: z.object({ executionId: id.optional() }).default({}),
  }),
  PlaceShard: z.object({
    ...base,
    type: z.literal('PlaceShard'),
    data: z.object({
      revision,
      begins: z.boolean(),
      version: z.number().int().positive(),
      definition,
      problemCount: z.number().int().nonnegative(),
    }),
  }),
  CloseShard: z.object({ ...base, type: z.literal('CloseShard'), data: z.object({ revision, force: z.boolean() }) }),
} as const;

const anyCommand = z.discriminatedUnion('type', [
  commandSchemas.CreateWorkflow,
  commandSchemas.UpdateWorkflow,
  commandSchemas.DeleteWorkflow,
  commandSchemas.ExecuteWorkflow,
  commandSchemas.CancelExecution,
  commandSchemas.SignalExecution,
  commandSchemas.ReleaseQuarantine,
  commandSchemas.PlaceShard,
  commandSchemas.CloseShard,
]);

/** A command as it travels. Times are epoch milliseconds. */
export type CommandEnvelope = z.infer<typeof anyCommand>;

export type ParsedCommand =
  /** `key`: the workflow's id, or the id of the execution that the command is about; it decides the partition. */
  | { readonly ok: true; readonly command: CommandEnvelope; readonly key: string }
  | {
      readonly ok: false;
      readonly code: 'MALFORMED' | 'UNKNOWN_TYPE' | 'INVALID_COMMAND' | 'KEY_MISMATCH' | 'NULL_VALUE';
      readonly message: string;
      readonly commandId?: string;
      readonly workflowId?: string;
    };

/** What a caller may nest, and the envelope around it. */
const maxCommandDepth = maxJsonDepth + 8;

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Reads the bytes of a record of `workflow.commands`. Never throws; says what is wrong and how to mend it. */
export function parseCommand(key: Uint8Array | null, value: Uint8Array | null): ParsedCommand {
  if (value === null)
    return { ok: false, code: 'NULL_VALUE', message: 'a command needs a value: JSON with commandId, type, workflowId and data' };
  const json = parseJson(value);
  if (!json.ok) return { ok: false, code: 'MALFORMED', message: json.message };
  return parseBody(key, json.body);
}

function parseJson(value: Uint8Array): { ok: true; body: unknown } | { ok: false; message: string } {
  try {
    const text = decoder.decode(value);
    if (isNestedDeeper(text, maxCommandDepth)) return { ok: false, message: `the value is nested deeper than ${maxCommandDepth} levels` };
    return { ok: true, body: JSON.parse(text) };
  } catch (error) {
    return { ok: false, message: `the value is not UTF-8 JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function parseBody(key: Uint8Array | null, body: unknown): ParsedCommand {
  const named = identify(body);
  const type = (body as { type?: unknown } | null)?.type;
  if (typeof type === 'string' && !(type in commandSchemas)) {
    return {
      ok: false,
      code: 'UNKNOWN_TYPE',
      message: `unknown command type ${JSON.stringify(type)}; known: ${Object.keys(commandSchemas).join(', ')}`,
      ...named,
    };
  }
  const parsed = anyCommand.safeParse(body);
  if (!parsed.success) return { ok: false, code: 'INVALID_COMMAND', message: describe(parsed.error), ...named };
  const text = key === null ? undefined : decodeLoose(key);
  if (text === undefined || !isKeyOf(text, parsed.data)) return { ok: false, ...keyMismatch(parsed.data), ...named };
  return { ok: true, command: parsed.data, key: text };
}

/** The id that an execute without one gets is not known here: of such a key only the form is. */
function isKeyOf(key: string, { type, workflowId, data }: CommandEnvelope): boolean {
  if (key === workflowId) return true;
  if (!('executionId' in data) || data.executionId === undefined) return type === 'ExecuteWorkflow' && derivedIdPattern.test(key);
  return key === data.executionId;
}

/** Why a record's key is not one that its command may have. */
export function keyMismatch({ workflowId }: CommandEnvelope): { readonly code: 'KEY_MISMATCH'; readonly message: string } {
  const message = `the record's key must be the workflowId ${JSON.stringify(workflowId)}, or the id of the execution that the command is about: it decides the partition`;
  return { code: 'KEY_MISMATCH', message };
}

function identify(body: unknown): { commandId?: string; workflowId?: string } {
  if (typeof body !== 'object' || body === null) return {};
  const { commandId: c, workflowId: w } = body as { commandId?: unknown; workflowId?: unknown };
  return { ...(typeof c === 'string' ? { commandId: c } : {}), ...(typeof w === 'string' ? { workflowId: w } : {}) };
}

function describe(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.length ? issue.path.join('.') : 'command'}: ${issue.message}`).join('; ');
}

function decodeLoose(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
