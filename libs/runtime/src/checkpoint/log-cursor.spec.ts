import { describe, expect, it } from 'vitest';
import { LogCursor } from './log-cursor.js';

function cursor(): LogCursor {
  const made = new LogCursor();
  made.restart({ offset: 10, epochAtOffset: '4.a', commandOffset: 2, decidedAbove: [5], coveredTo: 12, coveredEpoch: '4.a' });
  made.fence(20, '20.b');
  made.position(15, { commandOffset: 6, decidedAbove: [] });
  made.position(25, { commandOffset: 9, decidedAbove: [] });
  made.nextOffset = 25;
  return made;
}

describe('L9: a checkpoint at an offset', () => {
  it('names the epoch and the position in force there, not the latest', () => {
    expect(cursor().checkpointAt(14)).toMatchObject({ offset: 14, epochAtOffset: '4.a', commandOffset: 2, decidedAbove: [5] });
    expect(cursor().checkpointAt(15)).toMatchObject({ epochAtOffset: '4.a', commandOffset: 6 });
    expect(cursor().checkpointAt(20)).toMatchObject({ epochAtOffset: '4.a' });
    expect(cursor().checkpointAt(21)).toMatchObject({ epochAtOffset: '20.b', commandOffset: 6 });
    expect(cursor().checkpointAt(25)).toMatchObject({ commandOffset: 9 });
  });

  it('says how far snapshots may reach, and under which epoch', () => {
    expect(cursor().checkpointAt(14)).toMatchObject({ coveredTo: 25, coveredEpoch: '20.b' });
  });

  it('still knows what is needed after forgetting what is below it', () => {
    const moved = cursor();
    moved.forgetBelow(16);
    expect(moved.checkpointAt(16)).toMatchObject({ epochAtOffset: '4.a', commandOffset: 6 });
    moved.forgetBelow(25);
    expect(moved.checkpointAt(25)).toMatchObject({ epochAtOffset: '20.b', commandOffset: 9 });
  });
});
