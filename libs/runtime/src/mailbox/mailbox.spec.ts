import { describe, expect, it } from 'vitest';
import { Deque } from './deque.js';
import type { CommandInput, MailInput, SignalInput } from './inputs.js';
import { Mailbox } from './mailbox.js';

function command(offset: number, workflowId = 'w'): CommandInput {
  return {
    kind: 'command',
    offset,
    record: { offset, timestamp: 0, key: null, value: null, headers: {} },
    key: workflowId,
    route: undefined,
    bytes: 10,
    writtenAt: 0,
    command: { type: 'DeleteWorkflow', commandId: `c${offset}`, workflowId, data: {}, now: 0 },
    commandHash: '',
    issuedAt: 0,
    expiresAt: undefined,
    replyTo: undefined,
    executionKey: undefined,
    derivedKey: `${workflowId}/x`,
    derived: false,
  };
}

function wakeUp(executionId: string, workflowId = 'w'): SignalInput {
  return { kind: 'signal', entityKey: `${workflowId}/${executionId}`, signal: { type: 'WakeUp', workflowId, executionId, now: 0 } };
}

function drain(mailbox: Mailbox): MailInput[] {
  const all: MailInput[] = [];
  for (let input = mailbox.next(); input !== undefined; input = mailbox.next()) all.push(input);
  return all;
}

describe('the mailbox', () => {
  it('serves commands and other inputs in turn, each in order', () => {
    const mailbox = new Mailbox(100);
    const inputs = [command(1), command(2), command(3), wakeUp('a'), wakeUp('b')];
    for (const input of inputs) mailbox.push(input);
    const served = drain(mailbox);
    expect(served.filter((one) => one.kind === 'command').map((one) => one.offset)).toEqual([1, 2, 3]);
    expect(served.slice(0, 4).filter((one) => one.kind === 'signal')).toHaveLength(2);
    expect(mailbox.isEmpty).toBe(true);
  });

  it('puts undecided inputs back before all others, in order (L6)', () => {
    const mailbox = new Mailbox(100);
    mailbox.push(command(3));
    mailbox.putBack([command(1), command(2)]);
    expect(drain(mailbox).map((one) => one.kind === 'command' && one.offset)).toEqual([1, 2, 3]);
  });

  it('lets a command queue behind parked ones of its workflow, and only of that', () => {
    const mailbox = new Mailbox(100);
    mailbox.park(command(1, 'cold'));
    expect(mailbox.mustQueue(command(2, 'cold'))).toBe(true);
    expect(mailbox.mustQueue(command(2, 'hot'))).toBe(false);
    mailbox.park(command(2, 'cold'));
    mailbox.push(command(3, 'cold'));
    mailbox.unparkAll();
    expect(drain(mailbox).map((one) => one.kind === 'command' && one.offset)).toEqual([1, 2, 3]);
    expect(mailbox.mustQueue(command(4, 'cold'))).toBe(false);
  });

  it('puts them back before later ones of their workflow that were parked meanwhile', () => {
    const mailbox = new Mailbox(100);
    mailbox.park(command(3, 'w'));
    mailbox.putBack([command(1, 'w'), command(2, 'w')]);
    mailbox.unparkAll();
    expect(drain(mailbox).map((one) => one.kind === 'command' && one.offset)).toEqual([1, 2, 3]);
  });

  it('puts what was set aside before later ones of its workflow that were parked meanwhile', () => {
    const mailbox = new Mailbox(100);
    mailbox.setAside(command(1, 'w'));
    mailbox.park(command(2, 'w'));
    mailbox.unparkAll();
    expect(drain(mailbox).map((one) => one.kind === 'command' && one.offset)).toEqual([1, 2]);
  });

  it('passes over commands that are set aside until they are released', () => {
    const mailbox = new Mailbox(100);
    mailbox.push(command(5));
    mailbox.setAside(command(3));
    mailbox.setAside(command(4));
    expect(mailbox.next()).toMatchObject({ offset: 5 });
    mailbox.releaseCommands();
    expect(drain(mailbox).map((one) => one.kind === 'command' && one.offset)).toEqual([3, 4]);
  });
});

describe('the deque', () => {
  it('keeps order over both ends and many values', () => {
    const deque = new Deque<number>();
    for (let i = 0; i < 3_000; i += 1) deque.push(i);
    for (let i = 0; i < 2_000; i += 1) expect(deque.shift()).toBe(i);
    deque.unshift(1_999);
    expect(deque.size).toBe(1_001);
    expect(deque.shift()).toBe(1_999);
    expect(deque.shift()).toBe(2_000);
    deque.clear();
    expect(deque.shift()).toBeUndefined();
  });
});
