import { describe, expect, it } from 'vitest';
import { CommandProgress } from './command-progress.js';

function startedAt(commandOffset: number, decidedAbove: readonly number[] = []): CommandProgress {
  const progress = new CommandProgress();
  progress.restart({ commandOffset, decidedAbove });
  return progress;
}

function decide(progress: CommandProgress, ...offsets: readonly number[]): void {
  for (const offset of offsets) {
    progress.deciding(offset);
    progress.decided(offset);
  }
}

describe('L7: the intake position', () => {
  it('is a low-water mark: a command decided past one that waits is listed', () => {
    const progress = startedAt(-1);
    for (const offset of [0, 1, 2, 3]) progress.read(offset, 100 + offset);
    decide(progress, 0, 2, 3);
    expect(progress.position()).toEqual({ commandOffset: 0, decidedAbove: [2, 3], commandTime: 103 });
    expect(progress.decidedAboveCount).toBe(2);
    decide(progress, 1);
    expect(progress.position()).toEqual({ commandOffset: 3, decidedAbove: [], commandTime: 103 });
    expect(progress.next).toBe(4);
  });

  it('counts what the append in the making decides, and takes it back when it does not happen', () => {
    const progress = startedAt(-1);
    progress.read(0, 100);
    progress.deciding(0);
    expect(progress.position().commandOffset).toBe(0);
    expect(progress.next).toBe(0);
    progress.waiting(0);
    expect(progress.position().commandOffset).toBe(-1);
  });

  it('says when the highest command that is decided was written (L11)', () => {
    const progress = startedAt(4, [6]);
    progress.restart({ commandOffset: 4, decidedAbove: [6], commandTime: 106 });
    expect(progress.position().commandTime).toBe(106);
    for (const offset of [5, 6, 9]) progress.read(offset, 100 + offset);
    expect(progress.position()).toEqual({ commandOffset: 4, decidedAbove: [6], commandTime: 106 });
    decide(progress, 5);
    expect(progress.position()).toEqual({ commandOffset: 8, decidedAbove: [], commandTime: 106 }); // the last one below the gap
    decide(progress, 9);
    expect(progress.position()).toEqual({ commandOffset: 9, decidedAbove: [], commandTime: 109 });
  });

  it('takes the time from the log where the log is ahead of it, and says none where nobody knows', () => {
    const progress = startedAt(-1);
    for (const offset of [0, 1, 2]) progress.read(offset, 100 + offset);
    progress.sawInLog({ commandOffset: 1, decidedAbove: [], commandTime: 101 });
    expect(progress.position()).toEqual({ commandOffset: 1, decidedAbove: [], commandTime: 101 });
    const unknown = startedAt(7);
    expect(unknown.position()).toEqual({ commandOffset: 7, decidedAbove: [] });
  });

  it('passes offsets that hold no command', () => {
    const progress = startedAt(4);
    progress.read(9, 109);
    expect(progress.position()).toEqual({ commandOffset: 8, decidedAbove: [] });
    decide(progress, 9);
    expect(progress.position().commandOffset).toBe(9);
  });

  it('skips what an earlier owner decided, and keeps it listed until the mark has passed it', () => {
    const progress = startedAt(4, [6, 7]);
    expect([5, 6, 7, 8].map((offset) => progress.read(offset, 100 + offset))).toEqual([true, false, false, true]);
    decide(progress, 8);
    expect(progress.position()).toEqual({ commandOffset: 4, decidedAbove: [6, 7, 8], commandTime: 108 });
    decide(progress, 5);
    expect(progress.position()).toEqual({ commandOffset: 8, decidedAbove: [], commandTime: 108 });
  });

  it('never falls behind what the log says after a doubt', () => {
    const progress = startedAt(-1);
    for (const offset of [0, 1, 2]) progress.read(offset, 100 + offset);
    progress.sawInLog({ commandOffset: 1, decidedAbove: [] });
    progress.deciding(0);
    expect(progress.position()).toEqual({ commandOffset: 1, decidedAbove: [], commandTime: 101 });
    expect(progress.outstanding).toBe(3);
  });

  it('is unknown until log and checkpoint have said it', () => {
    const progress = new CommandProgress();
    expect(progress.isKnown).toBe(false);
    progress.restart({ commandOffset: 3, decidedAbove: [] });
    expect(progress.isKnown).toBe(true);
    progress.forget();
    expect(progress.isKnown).toBe(false);
  });

  it('stays cheap and right over many commands', () => {
    const progress = startedAt(-1);
    for (let offset = 0; offset < 5_000; offset += 1) {
      progress.read(offset, 100 + offset);
      if (offset % 7 !== 0) decide(progress, offset);
      else if (offset >= 7) decide(progress, offset - 7);
    }
    expect(progress.position().commandOffset).toBe(4_997);
    expect(progress.position().decidedAbove).toEqual([4_999]);
  });
});
