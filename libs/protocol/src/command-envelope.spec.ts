import { describe, expect, it } from 'vitest';
import { parseCommand } from './command-envelope.js';

const encoder = new TextEncoder();
const key = encoder.encode('w');

function parse(body: unknown, withKey: Uint8Array | null = key): ReturnType<typeof parseCommand> {
  return parseCommand(withKey, encoder.encode(typeof body === 'string' ? body : JSON.stringify(body)));
}

describe('parseCommand', () => {
  it('reads a command and fills in empty data', () => {
    const parsed = parse({ commandId: 'c', type: 'ExecuteWorkflow', workflowId: 'w' });
    expect(parsed).toEqual({ ok: true, key: 'w', command: { commandId: 'c', type: 'ExecuteWorkflow', workflowId: 'w', data: {} } });
  });

  it.each([
    ['ExecuteWorkflow', { executionId: 'x7' }, 'x7'],
    ['ExecuteWorkflow', {}, `x${'a2'.repeat(13)}`],
    ['CancelExecution', { executionId: 'x7' }, 'x7'],
    ['SignalExecution', { executionId: 'x7', name: 'go' }, 'x7'],
  ])('takes the id of the execution that a %s %j is about for a key', (type, data, text) => {
    const withKey = encoder.encode(text);
    expect(parse({ commandId: 'c', type, workflowId: 'w', data }, withKey)).toMatchObject({ ok: true, key: text });
    expect(parse({ commandId: 'c', type, workflowId: 'w', data }, encoder.encode('x8'))).toMatchObject({ ok: false, code: 'KEY_MISMATCH' });
    expect(parse({ commandId: 'c', type: 'DeleteWorkflow', workflowId: 'w' }, withKey)).toMatchObject({ code: 'KEY_MISMATCH' });
  });

  it.each([
    ['MALFORMED', '{', key, 'UTF-8 JSON'],
    ['INVALID_COMMAND', 'null', key, ''],
    ['INVALID_COMMAND', '[]', key, ''],
    ['UNKNOWN_TYPE', { commandId: 'c', type: 'Explode', workflowId: 'w' }, key, 'known: CreateWorkflow'],
    ['INVALID_COMMAND', { commandId: 'c', type: 'CancelExecution', workflowId: 'w', data: {} }, key, 'data.executionId'],
    ['INVALID_COMMAND', { commandId: 'c', type: 'ExecuteWorkflow', workflowId: '../w' }, key, 'workflowId'],
    ['INVALID_COMMAND', { commandId: 7, type: 'ExecuteWorkflow', workflowId: 'w' }, key, 'commandId'],
    ['KEY_MISMATCH', { commandId: 'c', type: 'ExecuteWorkflow', workflowId: 'w' }, encoder.encode('v'), '"w"'],
    ['KEY_MISMATCH', { commandId: 'c', type: 'ExecuteWorkflow', workflowId: 'w' }, null, '"w"'],
  ] as const)('refuses with %s and says what is wrong: %j', (code, body, withKey, text) => {
    const parsed = parse(body, withKey);
    expect(parsed).toMatchObject({ ok: false, code });
    if (!parsed.ok) expect(parsed.message).toContain(text);
  });

  it('refuses a missing value and bytes that are not UTF-8', () => {
    expect(parseCommand(key, null)).toMatchObject({ ok: false, code: 'NULL_VALUE' });
    expect(parseCommand(key, new Uint8Array([0xff, 0xfe]))).toMatchObject({ ok: false, code: 'MALFORMED' });
  });

  it('names the command that it refuses where it can, so that the caller gets an answer', () => {
    expect(parse({ commandId: 'c', type: 'Explode', workflowId: 'w' })).toMatchObject({ commandId: 'c', workflowId: 'w' });
  });
});

it('a value nested thousands deep is refused, not a stack overflow', () => {
  const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
  const value = `{"commandId":"c","type":"ExecuteWorkflow","workflowId":"w","data":{"input":${deep}}}`;
  const parsed = parseCommand(new TextEncoder().encode('w'), new TextEncoder().encode(value));
  expect(parsed).toMatchObject({ ok: false, code: 'MALFORMED' });
});
