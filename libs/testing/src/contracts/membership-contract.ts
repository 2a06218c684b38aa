import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Membership } from '#runtime';

export interface MembershipSubject {
  readonly membership: Membership;
  readonly partition: number;
  /** Makes the group give the partition to this member, or take it away; resolves when the coordinator has decided. */
  give(): Promise<void>;
  take(): Promise<void>;
  /** Makes the coordinator unreachable. */
  silence(): Promise<void>;
  close(): Promise<void>;
}

const patience = { timeout: 20_000, interval: 20 };

/** What every Membership must do; run against each adapter and its in-memory twin. */
export function membershipContract(name: string, makeSubject: () => Promise<MembershipSubject>): void {
  describe(`${name} as a Membership`, () => {
    let subject: MembershipSubject;
    beforeEach(async () => {
      subject = await makeSubject();
    });
    afterEach(() => subject.close());

    const answers = (expected: string): Promise<void> =>
      vi.waitFor(async () => expect(await subject.membership.confirm(subject.partition)).toBe(expected), patience);

    it('is the owner of what the group has given it, in a generation', async () => {
      await subject.give();
      await answers('owner');
      expect(subject.membership.generation()).toBeGreaterThan(0);
    });

    it('is not the owner of what the group has taken away', async () => {
      await subject.give();
      await answers('owner');
      const before = subject.membership.generation();
      await subject.take();
      await answers('notOwner');
      expect(subject.membership.generation()).toBeGreaterThanOrEqual(before);
    });

    it('does not know while the coordinator cannot be asked', async () => {
      await subject.give();
      await answers('owner');
      await subject.silence();
      await answers('unknown');
    });

    it('answers several questions at a time', async () => {
      await subject.give();
      await answers('owner');
      const { membership, partition } = subject;
      expect(await Promise.all([membership.confirm(partition), membership.confirm(partition), membership.confirm(partition)])).toEqual([
        'owner',
        'owner',
        'owner',
      ]);
    });
  });
}
