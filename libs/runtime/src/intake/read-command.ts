import type { Command, JsonObject } from '#core';
import {
  type CommandEnvelope,
  commandHeaders,
  entityKey,
  keyMismatch,
  type ParsedCommand,
  parseCommand,
  type RawRecord,
  type ReplyAddress,
} from '#protocol';
import { commandHash, derivedExecutionId } from '../dedupe/command-identity.js';
import { type CommandInput, executionIdOf } from '../mailbox/inputs.js';

const decoder = new TextDecoder();

/** What a record of the commands topic turned out to be. */
export type ReadCommand =
  | { readonly ok: true; readonly input: CommandInput }
  | { readonly ok: false; readonly problem: Exclude<ParsedCommand, { ok: true }>; readonly replyTo: ReplyAddress | undefined };

/** Parses a record; a sound one becomes an input with its ids derived and its body hashed. Never throws. */
export function readCommand(record: RawRecord): ReadCommand {
  const replyTo = replyAddressOf(record);
  const parsed = parseCommand(record.key, record.value);
  if (!parsed.ok) return { ok: false, problem: parsed, replyTo };
  const input = inputOf(parsed.command, parsed.key, record, replyTo);
  const isKey = parsed.key === input.command.workflowId || parsed.key === executionIdOf(input.command);
  if (isKey) return { ok: true, input };
  const { commandId, workflowId } = input.command;
  return { ok: false, problem: { ok: false, ...keyMismatch(parsed.command), commandId, workflowId }, replyTo };
}

function inputOf(envelope: CommandEnvelope, key: string, record: RawRecord, replyTo: ReplyAddress | undefined): CommandInput {
  const { commandId, workflowId } = envelope;
  const derivedId = derivedExecutionId(workflowId, commandId);
  const command = commandOf(envelope, derivedId);
  const executionId = executionIdOf(command);
  const route = header(record, commandHeaders.route);
  return {
    kind: 'command',
    offset: record.offset,
    record,
    key,
    route: route === 'home' || route === 'shard' ? route : undefined,
    bytes: record.value?.length ?? 0,
    writtenAt: record.timestamp,
    command,
    commandHash: commandHash(envelope.type, workflowId, envelope.data as JsonObject), // zod has checked that it is JSON
    issuedAt: envelope.issuedAt ?? record.timestamp,
    expiresAt: envelope.expiresAt,
    replyTo,
    executionKey: executionId === undefined ? undefined : entityKey(workflowId, executionId),
    derivedKey: entityKey(workflowId, derivedId),
    derived: envelope.type === 'ExecuteWorkflow' && envelope.data.executionId === undefined,
  };
}

/** The core's command; `now` is set when it is decided. The schema of the envelope guarantees that type and data belong together. */
function commandOf(envelope: CommandEnvelope, derivedId: string): Command {
  const { type, commandId, workflowId, actor, reason } = envelope;
  const data = type === 'ExecuteWorkflow' ? { ...envelope.data, executionId: envelope.data.executionId ?? derivedId } : envelope.data;
  const optional = { ...(actor === undefined ? {} : { actor }), ...(reason === undefined ? {} : { reason }) };
  const asked = envelope.type === 'DeleteWorkflow' ? { runningElsewhere: envelope.runningElsewhere } : {};
  return { type, commandId, workflowId, data, now: 0, ...optional, ...asked } as Command;
}

/** Where the sender of a record wants its reply; undefined where no topic can be read. */
export function replyAddressOf(record: RawRecord): ReplyAddress | undefined {
  const topic = header(record, commandHeaders.replyTopic);
  if (topic === undefined || topic === '') return undefined;
  const partition = Number(header(record, commandHeaders.replyPartition) ?? Number.NaN);
  const correlationId = header(record, commandHeaders.correlationId);
  return {
    topic,
    ...(Number.isInteger(partition) && partition >= 0 ? { partition } : {}),
    ...(correlationId === undefined ? {} : { correlationId }),
  };
}

function header(record: RawRecord, name: string): string | undefined {
  const bytes = record.headers[name];
  return bytes === undefined ? undefined : decoder.decode(bytes);
}
