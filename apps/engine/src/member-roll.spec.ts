import { beforeEach, describe, expect, test } from 'vitest';
import type { GroupPeer } from '#kafka';
import type { Logger } from '#observability';
import { MemberRoll } from './member-roll.js';
import type { MemberRecords } from './records/member-records.js';

let said: string[];
let roll: MemberRoll;

beforeEach(() => {
  said = [];
  const say = (level: string) => (fields: { event?: string; member?: string; reason?: string }) =>
    said.push([level, fields.event, fields.member, fields.reason].filter(Boolean).join(' '));
  const logger = { info: say('info'), error: say('error') } as unknown as Logger;
  const records = { joined: () => undefined, left: () => undefined } as unknown as MemberRecords;
  roll = new MemberRoll('a', logger, records);
});

function peer(instance: string, join = 1): GroupPeer {
  return { memberId: `${instance}-${join}`, instance, address: 'h:1', liveness: { address: 'h:2', process: `process-${instance}` } };
}

const whole = (...peers: readonly GroupPeer[]) => ({ members: peers.length + 1, peers: [...peers] });

describe('MemberRoll', () => {
  test('says who has come and gone since, and nothing of those it finds there', () => {
    roll.read(whole(peer('b'), peer('c')));
    roll.read(whole(peer('b'), peer('d')));
    expect(said).toEqual(['info member.left c session', 'info member.joined d']);
  });

  test('says why, where somebody said so', () => {
    roll.read(whole(peer('b')));
    roll.departed({ memberId: 'b-1', instance: 'b', process: 'process-b', reason: 'gone', by: 'c' });
    roll.read(whole());
    expect(said).toEqual(['info member.left b gone']);
    expect(roll.departures).toMatchObject([{ instance: 'b', reason: 'gone', by: 'c' }]);
  });

  test('forgets a departure when that instance is back', () => {
    roll.read(whole(peer('b')));
    roll.departed({ memberId: 'b-1', instance: 'b', process: 'process-b', reason: 'silent', by: 'c' });
    roll.read(whole(peer('b', 2)));
    expect(said).toEqual(['info member.left b silent', 'info member.joined b']);
    expect(roll.departures).toEqual([]);
  });

  test('does not take a change of neighbours in a large group for coming and going', () => {
    roll.read({ members: 40, peers: [peer('b'), peer('c')] });
    roll.departed({ memberId: 'c-1', instance: 'c', process: 'process-c', reason: 'left', by: 'c' });
    roll.read({ members: 40, peers: [peer('d'), peer('e')] });
    expect(said).toEqual(['info member.left c left']);
  });

  test('tells once that another process has this name', () => {
    roll.read(whole(peer('a', 2)));
    roll.read(whole(peer('a', 3)));
    expect(said.filter((line) => line.startsWith('error'))).toEqual(['error a']);
  });
});
