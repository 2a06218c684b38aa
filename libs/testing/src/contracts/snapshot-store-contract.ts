import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SnapshotStore } from '#runtime';
import { accepted, batchOf, checkpointAt, executionSnapshot, finishedSnapshot, refused, workflowSnapshot } from './snapshot-samples.js';

export interface SnapshotStoreSubject {
  /** Two connections to the same database, as two owners have them. */
  readonly store: SnapshotStore;
  readonly rival: SnapshotStore;
  /** Two partitions that nobody has written to. */
  readonly partition: number;
  readonly otherPartition: number;
  close(): Promise<void>;
}

/** What every SnapshotStore must do; run against each adapter and its in-memory twin. */
export function snapshotStoreContract(name: string, makeSubject: () => Promise<SnapshotStoreSubject>): void {
  describe(`${name} as a SnapshotStore`, () => {
    let subject: SnapshotStoreSubject;
    beforeEach(async () => {
      subject = await makeSubject();
    });
    afterEach(() => subject.close());

    const claim = (epoch: string, expected?: string, voided = false): Promise<{ status: string }> =>
      subject.store.claim(subject.partition, expected, epoch, checkpointAt(0, -1), voided);

    it('knows nothing of a fresh partition', async () => {
      const { store, partition } = subject;
      expect(await store.checkpoint(partition)).toBeUndefined();
      expect(await store.load(partition, ['w'])).toEqual(new Map());
      expect(await store.findCommands(partition, ['c'])).toEqual(new Map());
      expect(await store.dueBefore(partition, Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
      expect(await store.unfinishedOf(partition, 'w', undefined, 10)).toEqual([]);
    });

    it('lets the first claim start the row, and a claim with another expectation lose', async () => {
      const { store, rival, partition } = subject;
      expect(await claim('0.first')).toEqual({ status: 'claimed' });
      const row = { claimedEpoch: '0.first', ...checkpointAt(0, -1) };
      expect(await store.checkpoint(partition)).toEqual(row);
      expect(await rival.claim(partition, undefined, '9.other', checkpointAt(0, -1), false)).toEqual({ status: 'lost', row });
      expect(await rival.claim(partition, '5.wrong', '9.other', checkpointAt(0, -1), true)).toEqual({ status: 'lost', row });
      expect(await store.checkpoint(partition)).toEqual(row);
    });

    it('lets one of two claims at a time win', async () => {
      const { store, rival, partition } = subject;
      await claim('0.first');
      const outcomes = await Promise.all([
        store.claim(partition, '0.first', '10.a', checkpointAt(0, -1), false),
        rival.claim(partition, '0.first', '11.b', checkpointAt(0, -1), false),
      ]);
      expect(outcomes.filter(({ status }) => status === 'claimed')).toHaveLength(1);
    });

    it('keeps checkpoint, snapshots and decided commands through a claim', async () => {
      const { store, partition } = subject;
      await claim('0.first');
      const checkpoint = checkpointAt(40, 7, [9, 12]);
      await store.save(partition, '0.first', batchOf({ snapshots: [workflowSnapshot('w', 2)], decided: [refused('c1')], checkpoint }));
      expect(await claim('41.next', '0.first')).toEqual({ status: 'claimed' });
      expect(await store.checkpoint(partition)).toEqual({ claimedEpoch: '41.next', ...checkpoint });
      expect((await store.load(partition, ['w'])).get('w')).toEqual(workflowSnapshot('w', 2));
      expect((await store.findCommands(partition, ['c1'])).get('c1')).toEqual(refused('c1'));
    });

    it('voids everything of the partition, and of no other, where the log is another one', async () => {
      const { store, partition, otherPartition } = subject;
      await claim('0.first');
      await store.claim(otherPartition, undefined, '0.other', checkpointAt(0, -1), false);
      const batch = batchOf({ snapshots: [workflowSnapshot('w', 2)], decided: [accepted('c1')], checkpoint: checkpointAt(40) });
      await store.save(partition, '0.first', batch);
      await store.save(otherPartition, '0.other', batch);
      expect(await claim('3.new', '0.first', true)).toEqual({ status: 'claimed' });
      expect(await store.checkpoint(partition)).toEqual({ claimedEpoch: '3.new', ...checkpointAt(0, -1) });
      expect(await store.load(partition, ['w'])).toEqual(new Map());
      expect(await store.findCommands(partition, ['c1'])).toEqual(new Map());
      expect((await store.load(otherPartition, ['w'])).size).toBe(1);
      expect((await store.findCommands(otherPartition, ['c1'])).size).toBe(1);
    });

    it('writes nothing at all for an epoch that is not the claimed one', async () => {
      const { store, partition } = subject;
      const batch = batchOf({ snapshots: [executionSnapshot('w/e', 5)], decided: [accepted('c1')], checkpoint: checkpointAt(40) });
      expect(await store.save(partition, '0.first', batch)).toBe('fenced');
      await claim('0.first');
      await claim('41.next', '0.first');
      expect(await store.save(partition, '0.first', batch)).toBe('fenced');
      expect(await store.load(partition, ['w/e'])).toEqual(new Map());
      expect(await store.findCommands(partition, ['c1'])).toEqual(new Map());
      expect(await store.checkpoint(partition)).toEqual({ claimedEpoch: '41.next', ...checkpointAt(0, -1) });
    });

    it('takes a snapshot only where the stored seq is lower, and moves the checkpoint all the same', async () => {
      const { store, partition } = subject;
      await claim('0.first');
      const save = (seq: number, offset: number): Promise<string> =>
        store.save(partition, '0.first', batchOf({ snapshots: [executionSnapshot('w/e', seq)], checkpoint: checkpointAt(offset) }));
      expect(await save(8, 20)).toBe('saved');
      expect(await save(6, 30)).toBe('saved');
      expect((await store.load(partition, ['w/e'])).get('w/e')?.seq).toBe(8);
      expect((await store.checkpoint(partition))?.offset).toBe(30);
      expect(await save(9, 35)).toBe('saved');
      expect((await store.load(partition, ['w/e'])).get('w/e')).toEqual(executionSnapshot('w/e', 9));
    });

    it('counts saves: a database that went back in time, and a statement that is late, write nothing', async () => {
      const { store, partition } = subject;
      await claim('0.first');
      expect((await store.checkpoint(partition))?.revision).toBeUndefined();
      const save = (follows: number, is: number, offset: number): Promise<string> =>
        store.save(partition, '0.first', batchOf({ checkpoint: checkpointAt(offset), revision: { follows, is } }));
      expect(await save(0, 1, 10)).toBe('saved');
      expect(await save(1, 4, 40)).toBe('saved'); // 2 and 3 failed, as far as their sender knows
      expect(await save(1, 3, 30)).toBe('fenced'); // late
      expect(await save(5, 6, 60)).toBe('fenced'); // the owner knows of a save that this database does not have
      expect(await store.checkpoint(partition)).toEqual({ claimedEpoch: '0.first', revision: 4, ...checkpointAt(40) });
      await claim('41.next', '0.first');
      expect((await store.checkpoint(partition))?.revision).toBe(4);
      await claim('50.void', '41.next', true);
      expect((await store.checkpoint(partition))?.revision ?? 0).toBe(0);
    });

    it('takes the quarantine of an entity, and its release, at the same seq (V2)', async () => {
      const { store, partition } = subject;
      await claim('0.first');
      const quarantined = executionSnapshot('w/e', 8, { quarantine: { reason: 'HOLE', offset: 17 } });
      for (const snapshot of [executionSnapshot('w/e', 8), quarantined, executionSnapshot('w/e', 8)]) {
        await store.save(partition, '0.first', batchOf({ snapshots: [snapshot], checkpoint: checkpointAt(30) }));
        expect((await store.load(partition, ['w/e'])).get('w/e')).toEqual(snapshot);
      }
    });

    it('gives snapshots back as they were, all fields included', async () => {
      const { store, partition } = subject;
      await claim('0.first');
      const full = executionSnapshot('w/e1', 4, {
        wakeAt: 1_700_000_000_123,
        origin: { commandId: 'c1', commandHash: 'h1' },
        quarantine: { reason: 'HOLE', offset: 17 },
      });
      const snapshots = [full, executionSnapshot('w/e2', 1), finishedSnapshot('w/e3', 9), workflowSnapshot('w', 3)];
      await store.save(partition, '0.first', batchOf({ snapshots, checkpoint: checkpointAt(50) }));
      const loaded = await store.load(partition, ['w/e1', 'w/e2', 'w/e3', 'w', 'w/unknown']);
      expect([...loaded.keys()].sort()).toEqual(['w', 'w/e1', 'w/e2', 'w/e3']);
      for (const snapshot of snapshots) expect(loaded.get(snapshot.key)).toEqual(snapshot);
    });

    it('saves a batch of thousands whole', async () => {
      const { store, partition } = subject;
      await claim('0.first');
      const snapshots = Array.from({ length: 3000 }, (_, index) => executionSnapshot(`w/e${index}`, 2));
      expect(await store.save(partition, '0.first', batchOf({ snapshots, checkpoint: checkpointAt(6000) }))).toBe('saved');
      expect(
        (
          await store.load(
            partition,
            snapshots.map(({ key }) => key),
          )
        ).size,
      ).toBe(3000);
    });

    it('keeps the first answer of a command and forgets those past the window', async () => {
      const { store, partition } = subject;
      await claim('0.first');
      const save = (decided: Parameters<typeof batchOf>[0]['decided'], forgetBefore: number): Promise<string> =>
        store.save(partition, '0.first', batchOf({ decided: decided ?? [], forgetBefore, checkpoint: checkpointAt(1) }));
      await save([refused('c1', 1000), accepted('c2', 5000)], 0);
      await save([accepted('c1', 2000)], 0);
      expect((await store.findCommands(partition, ['c1', 'c2', 'c3'])).get('c1')).toEqual(refused('c1', 1000));
      await save([], 3000);
      expect([...(await store.findCommands(partition, ['c1', 'c2'])).keys()]).toEqual(['c2']);
    });

    it('finds what is due, earliest first, then by key, without finished executions and sleepers without a timer', async () => {
      const { store, partition } = subject;
      await claim('0.first');
      const snapshots = [
        executionSnapshot('w/late', 1, { wakeAt: 9000 }),
        executionSnapshot('w/soon', 1, { wakeAt: 2000 }),
        executionSnapshot('w/running', 1, { wakeAt: 0 }),
        executionSnapshot('w/signal', 1),
        { ...workflowSnapshot('w', 1), wakeAt: 0 },
        finishedSnapshot('w/done', 1),
      ];
      await store.save(partition, '0.first', batchOf({ snapshots, checkpoint: checkpointAt(5) }));
      expect(await store.dueBefore(partition, 2000, 10)).toEqual([
        { key: 'w', wakeAt: 0 },
        { key: 'w/running', wakeAt: 0 },
        { key: 'w/soon', wakeAt: 2000 },
      ]);
      expect(await store.dueBefore(partition, 10_000, 1)).toEqual([{ key: 'w', wakeAt: 0 }]);
    });

    it('clears the timer of an execution when a later snapshot has none', async () => {
      const { store, partition } = subject;
      await claim('0.first');
      await store.save(
        partition,
        '0.first',
        batchOf({ snapshots: [executionSnapshot('w/e', 1, { wakeAt: 5 })], checkpoint: checkpointAt(1) }),
      );
      await store.save(partition, '0.first', batchOf({ snapshots: [executionSnapshot('w/e', 2)], checkpoint: checkpointAt(2) }));
      expect(await store.dueBefore(partition, 10_000, 10)).toEqual([]);
    });

    it('pages the unfinished executions of one workflow in key order', async () => {
      const { store, partition } = subject;
      await claim('0.first');
      const keys = ['w/b', 'w/a', 'w/c', 'w2/x', 'w-1/y', 'w'];
      const snapshots = [
        ...keys.map((key) => (key === 'w' ? workflowSnapshot(key, 1) : executionSnapshot(key, 1))),
        finishedSnapshot('w/d', 2),
      ];
      await store.save(partition, '0.first', batchOf({ snapshots, checkpoint: checkpointAt(7) }));
      expect(await store.unfinishedOf(partition, 'w', undefined, 2)).toEqual(['w/a', 'w/b']);
      expect(await store.unfinishedOf(partition, 'w', 'w/b', 2)).toEqual(['w/c']);
      expect(await store.unfinishedOf(partition, 'w', 'w/c', 2)).toEqual([]);
    });
  });
}
