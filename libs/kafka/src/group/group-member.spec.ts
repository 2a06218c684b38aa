import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Broker } from '../wire/kafkajs-internals.js';
import { decodeMember, encodeAssignment } from './consumer-protocol.js';
import type { BeatAnswer } from './coordinator.js';
import { type AssignmentChange, GroupMember } from './group-member.js';

/** A group whose leader is another member: what this one is told is written here, join by join. */
class ScriptedGroup {
  /** What the member claimed, per join. */
  readonly claims: (readonly number[])[] = [];
  readonly changes: AssignmentChange[] = [];
  readonly released: (readonly number[])[] = [];
  beatAnswer: BeatAnswer = 'ok';
  endRelease: () => void = () => undefined;
  /** What happens while a join is under way. */
  duringJoin: () => void = () => undefined;
  readonly member: GroupMember;

  constructor(assignment: (claim: readonly number[], join: number) => { owned: number[]; release?: number[] }) {
    const broker: Pick<Broker, 'joinGroup' | 'syncGroup'> = {
      joinGroup: async ({ groupProtocols }) => {
        const metadata = groupProtocols[0]?.metadata ?? Buffer.alloc(0);
        this.claims.push(decodeMember(metadata)?.owned ?? []);
        this.beatAnswer = 'ok';
        await Promise.resolve(this.duringJoin());
        return { memberId: 'me', leaderId: 'another', generationId: this.claims.length, members: [] };
      },
      syncGroup: async () => {
        const { owned, release } = assignment(this.claims.at(-1) ?? [], this.claims.length);
        const directory = { members: 2, peers: [], ...(release ? { release, settling: true } : {}) };
        return { memberAssignment: encodeAssignment('topic', owned, directory) };
      },
    };
    const joins = { coordinator: () => Promise.resolve({ nodeId: 0, broker }), drop: () => undefined, close: () => undefined };
    this.member = new GroupMember(options(this), joins, { beat: () => Promise.resolve(this.beatAnswer) });
  }
}

function options(group: ScriptedGroup) {
  return {
    groupId: 'group',
    topic: 'topic',
    partitions: 2,
    instanceId: 'me',
    address: '127.0.0.1:1',
    heartbeatIntervalMs: 5,
    sessionTimeoutMs: 6_000,
    rebalanceTimeoutMs: 6_000,
    meshLimit: 20,
    liveness: () => undefined,
    loads: () => new Map(),
    onAssigned: (change: AssignmentChange) => group.changes.push(change),
    onRelease: (partitions: readonly number[]) => {
      group.released.push(partitions);
      return new Promise<void>((resolve) => {
        group.endRelease = resolve;
      });
    },
    onDirectory: () => undefined,
    log: () => undefined,
  };
}

describe('what a member is told to release', () => {
  let group: ScriptedGroup;
  afterEach(() => group.member.stop());

  it('is claimed until its hand-over has ended, and not begun again where that ends while a join is under way', async () => {
    group = new ScriptedGroup((claim, join) =>
      join > 1 && claim.includes(1) ? { owned: [0, 1], release: [1] } : { owned: join === 1 ? [0, 1] : [0] },
    );
    group.member.start();
    await vi.waitFor(() => expect(group.changes).toHaveLength(1));
    group.beatAnswer = 'rebalancing';
    await vi.waitFor(() => expect(group.released).toEqual([[1]]));
    expect(group.member.holds(1)).toBe(true);

    group.duringJoin = () => {
      group.endRelease();
      group.duringJoin = () => undefined;
      return new Promise<void>((resolve) => setImmediate(resolve));
    };
    group.beatAnswer = 'rebalancing';
    await vi.waitFor(() => expect(group.claims.at(-1)).toEqual([0]));
    await vi.waitFor(() => expect(group.changes).toHaveLength(4));

    expect(group.claims).toEqual([[], [0, 1], [0, 1], [0]]);
    expect(group.changes.slice(1).flatMap(({ gained }) => gained)).toEqual([]);
    expect(group.changes.map(({ lost }) => lost)).toEqual([[], [], [1], []]);
    expect(group.released).toEqual([[1]]);
    expect(group.member.owned).toEqual([0]);
  });

  it('is ended once, however many assignments say so', async () => {
    group = new ScriptedGroup((_, join) => (join > 1 ? { owned: [0, 1], release: [0] } : { owned: [0, 1] }));
    group.member.start();
    for (let joins = 2; joins <= 4; joins += 1) {
      await vi.waitFor(() => expect(group.changes).toHaveLength(joins - 1));
      group.beatAnswer = 'rebalancing';
    }
    await vi.waitFor(() => expect(group.changes).toHaveLength(4));
    expect(group.released).toEqual([[0]]);
    expect(group.changes.at(-1)).toMatchObject({ kept: [0, 1], gained: [], lost: [] });
  });
});
